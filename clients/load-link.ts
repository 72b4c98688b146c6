/**
 * One connection of the load generator: which messages it has sent, how much of which reply has
 * come, and whether every byte of it was due. It knows its bytes by counting: the stream that it
 * sends is a run of messages, and the stream that is due a run of replies, both made by the {@link
 * Workload} when needed.
 *
 * Its calls: `attach → opened → (begin | received | writable)* → lost | close`; lost may come any
 * time.
 */
import { difference } from './difference.ts'
import type { Wire } from './load-engine.ts'
import type { ErrorKind } from './load-result.ts'
import type { Tally } from './load-tally.ts'
import type { Shape, Workload } from './workload.ts'

const NOTHING = Buffer.alloc(0)

export class Link {
  readonly number: number
  state: 'connecting' | 'open' | 'closed' = 'connecting'
  /** Messages sent, or at least begun. */
  sent = 0
  /** Complete replies. */
  replies = 0
  /** When it was last heard of while something was due to it, of `performance.now()`. */
  heard = performance.now()
  /** Bytes of the reply under way that have come. */
  #offset = 0
  /** Bytes of the messages begun that the kernel has not taken yet. */
  #unsent = 0
  /** When the messages in flight were begun: that of message `n` at place `n % depth`. */
  readonly #begun: Float64Array
  readonly #size: number
  readonly #workload: Workload
  readonly #tally: Tally
  #wire: Wire | undefined

  constructor(number: number, shape: Shape, workload: Workload, tally: Tally) {
    this.number = number
    this.#begun = new Float64Array(shape.depth)
    this.#size = shape.size
    this.#workload = workload
    this.#tally = tally
    tally.connecting += 1
  }

  /** The connection, from its start on, so that it can be closed before it is open. */
  attach(wire: Wire): void {
    this.#wire = wire
  }

  opened(): void {
    this.state = 'open'
    this.#tally.connecting -= 1
    this.#tally.connected += 1
  }

  /** Sends the next `count` messages, in one piece. No more than `depth` may be in flight. */
  begin(count: number, now = performance.now()): void {
    if (this.sent === this.replies) this.#tally.busy += 1
    const first = this.sent
    for (let i = 0; i < count; i++) this.#begun[(first + i) % this.#begun.length] = now
    this.sent += count
    this.heard = now
    // What is left of earlier messages goes first.
    const rest = this.#unsent
    this.#unsent += count * this.#size
    if (rest === 0) this.#send(this.#workload.messages(this.number, first, count))
  }

  /** The kernel takes bytes again. Returns whether some are still left. */
  writable(): boolean {
    if (this.#unsent === 0) return false
    const position = this.sent * this.#size - this.#unsent
    const first = Math.floor(position / this.#size)
    const run = this.#workload.messages(this.number, first, this.sent - first)
    this.#send(run.subarray(position % this.#size))
    return this.#unsent > 0
  }

  /**
   * The first `length` bytes of `chunk` have come. The clock is read once for them, after they were
   * checked: it ends the messages that they complete, and begins those that follow.
   */
  received(chunk: Buffer, length: number): void {
    const before = this.replies
    if (!this.#check(chunk, length)) return
    this.#tally.transferred(0, length)
    const now = performance.now()
    this.heard = now
    const completed = this.replies - before
    if (completed === 0) return
    for (let n = before; n < this.replies; n++) {
      this.#tally.reply(now - this.#begun[n % this.#begun.length]!)
    }
    if (this.sent === this.replies) this.#tally.busy -= 1
    if (this.#tally.pumping) this.begin(completed, now)
  }

  /** It failed, or the server ended it. */
  lost(kind: ErrorKind): void {
    if (this.state === 'closed') return
    this.#tally.error(kind)
    this.close()
  }

  close(): void {
    if (this.state === 'closed') return
    if (this.state === 'connecting') this.#tally.connecting -= 1
    if (this.sent > this.replies) this.#tally.busy -= 1
    this.state = 'closed'
    this.#wire?.close()
  }

  #send(bytes: Buffer): void {
    const taken = this.#wire!.send(bytes)
    this.#unsent -= taken
    this.#tally.transferred(taken, 0)
  }

  /** Compares what has come with what is due, reply by reply, and moves on. */
  #check(chunk: Buffer, length: number): boolean {
    let at = 0
    while (at < length) {
      if (this.replies === this.sent) return this.#mismatch(NOTHING, chunk.subarray(at, length))
      const due = this.#workload.due(this.number, this.replies)
      const from = this.#offset
      const count = Math.min(due.length - from, length - at)
      // The C library's memcmp: for any size at least as fast as a loop written here.
      if (due.compare(chunk, at, at + count, from, from + count) !== 0) {
        return this.#mismatch(due.subarray(from), chunk.subarray(at, length))
      }
      at += count
      this.#offset = from + count === due.length ? 0 : from + count
      if (this.#offset === 0) this.replies += 1
    }
    return true
  }

  /** `due` and `got` are what was still to come of this reply, and what came. */
  #mismatch(due: Buffer, got: Buffer): false {
    const { offset, expected, got: excerpt } = difference(due, got)!
    this.#tally.mismatch ??= {
      connection: this.number,
      sequence: this.replies,
      offset: this.#offset + offset,
      expected,
      got: excerpt,
    }
    return false
  }
}
