/** The server's side of HTTP/1.1: replies as bytes, gathered for one `send`. */

import { NOTHING } from '../bytes/bytes.ts'
import { REASONS, type Refusal } from './http-refusal.ts'

/** What becomes of the connection after a reply: the `Connection` field; undefined: no field. */
export type Persistence = 'close' | 'keep-alive' | undefined

export interface Reply {
  readonly body: Uint8Array | string
  readonly contentType: string
  /** True in reply to HEAD: the same head as for GET, and no body (RFC 9110, 9.3.2). */
  readonly headOnly: boolean
  readonly connection: Persistence
}

/**
 * The replies to the requests of one chunk, in the order of the requests (RFC 9112, 9.3.2).
 *
 * Text is collected as a string, one character for each byte, and encoded once: a hundred pipelined
 * replies cost one buffer.
 */
export class Replies {
  readonly #ok = statusLines('200 OK')
  readonly #pieces: Uint8Array[] = []
  #text = ''

  ok(reply: Reply): void {
    this.#write(this.#ok, reply)
  }

  /** The last reply on a connection. */
  refuse({ status, message }: Refusal, headOnly: boolean): void {
    const summary = `${status} ${REASONS[status]}`
    const body = `${summary}: ${message}\n`
    const lines = statusLines(summary)
    this.#write(lines, { body, contentType: 'text/plain', headOnly, connection: 'close' })
  }

  /** The interim reply that tells a waiting client to send its body (RFC 9110, 15.2.1). */
  askForBody(): void {
    this.#text += 'HTTP/1.1 100 Continue\r\n\r\n'
  }

  /** All replies, in memory of their own. */
  bytes(): Uint8Array {
    if (this.#pieces.length === 0) return encode(this.#text)
    this.#flush()
    return Buffer.concat(this.#pieces)
  }

  #write(lines: string, { body, contentType, headOnly, connection }: Reply): void {
    this.#text += `${lines}Content-Type: ${contentType}\r\nContent-Length: ${body.length}\r\n`
    this.#text += connection === undefined ? '\r\n' : `Connection: ${connection}\r\n\r\n`
    if (headOnly) return
    if (typeof body === 'string') {
      this.#text += body
    } else {
      this.#flush()
      this.#pieces.push(body)
    }
  }

  #flush(): void {
    this.#pieces.push(encode(this.#text))
    this.#text = ''
  }
}

function encode(text: string): Uint8Array {
  return text === '' ? NOTHING : Buffer.from(text, 'latin1')
}

let second = Number.NaN
let date = ''

/** The first line of a reply, and the date: a server that has a clock must send it (9110, 6.6.1). */
export function statusLines(status: string): string {
  // The date is formatted once a second: that takes longer than the rest of a small reply.
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    date = new Date(now * 1000).toUTCString()
  }
  return `HTTP/1.1 ${status}\r\nDate: ${date}\r\n`
}
