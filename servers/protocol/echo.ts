/**
 * The three variants of the echo protocol. They are transparent to bytes: nothing is decoded, `\r`
 * is a byte of its line, and any value is allowed. See docs/protocol.md.
 */

import { NOTHING } from '../bytes/bytes.ts'
import { LineBuffer } from './line-buffer.ts'
import type { Session } from './session.ts'

/** No framing: the reply is the same bytes. */
export class RawSession implements Session {
  readonly finished = false

  receive(chunk: Uint8Array): Uint8Array {
    return chunk
  }

  end(): Uint8Array {
    return NOTHING
  }
}

/**
 * What one line is answered with. `line` carries its newline, unless the stream ended without one.
 */
export type ReplyRule = (line: Uint8Array) => Uint8Array

/** `line`: the line itself. */
export function lineRule(): ReplyRule {
  return (line) => line
}

/** `previous`: the line before this one, then this one. It has state: one per connection. */
export function previousRule(): ReplyRule {
  let previous = NOTHING
  return (line) => {
    const reply = Buffer.concat([previous, line])
    // A copy, since `line` may lie in a buffer that the next recv overwrites.
    previous = new Uint8Array(line)
    return reply
  }
}

/**
 * Frames lines, answers each by a rule, and gives up on a line that is longer than `maxLine` bytes.
 */
export class LineSession implements Session {
  finished = false
  readonly #maxLine: number
  readonly #lines: LineBuffer
  readonly #reply: ReplyRule

  constructor(reply: ReplyRule, maxLine: number) {
    this.#reply = reply
    this.#maxLine = maxLine
    this.#lines = new LineBuffer(maxLine)
  }

  receive(chunk: Uint8Array): Uint8Array {
    const { started } = this.#lines
    const lines = this.#lines.push(chunk)
    const replies = lines.map(this.#reply)
    if (this.#lines.overflow) {
      replies.push(tooLong(this.#maxLine))
      this.finished = true
    }
    if (replies.length === 1) return replies[0]!
    // Lines that are answered with themselves lie side by side in the chunk already.
    const isEcho = started === 0 && replies.every((reply, i) => reply === lines[i])
    return isEcho ? chunk.subarray(0, chunk.length - this.#lines.started) : Buffer.concat(replies)
  }

  end(): Uint8Array {
    const rest = this.#lines.rest()
    return rest.length === 0 ? NOTHING : this.#reply(rest)
  }
}

/** The last reply to a client whose line is longer than `maxLine` bytes. */
export function tooLong(maxLine: number): Uint8Array {
  return Buffer.from(`error: line longer than ${maxLine} bytes\n`)
}
