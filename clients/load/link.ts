/**
 * One connection of the load generator: which messages it has sent, how much of which reply has
 * come, and whether every byte was the one that is due. A link stores neither messages nor replies,
 * but counts: the stream that it sends is a row of messages, the stream that is due to it a row of
 * replies, and {@link Messages} makes both when needed. Its {@link Pace} decides when it sends.
 *
 * The calls of a link: `attach → opened → (begin | received | writable)* → lost | close`. `lost`
 * may come at any time, and `renew` leads back to `attach`.
 */
import { NOTHING } from '../../servers/bytes/bytes.ts'
import { difference } from '../difference.ts'
import type { Messages, Shape } from '../messages.ts'
import type { Wire } from './engine.ts'
import type { Pace, PacedLink } from './pace.ts'
import type { ErrorKind } from './result.ts'
import type { Tally } from './tally.ts'

export interface LinkOptions {
  readonly shape: Shape
  readonly messages: Messages
  readonly pace: Pace
  /** False: the replies are checked, but are not part of the figures. */
  readonly counts: boolean
}

export class Link implements PacedLink {
  readonly number: number
  readonly reads = true
  state: 'connecting' | 'open' | 'closed' = 'connecting'
  /** Messages sent, the ones included of which the kernel has not taken every byte yet. */
  sent = 0
  /** Complete replies. */
  replies = 0
  /** Complete replies in the window. */
  counted = 0
  /** When bytes last came, or when the wait for them began, by `performance.now()`. */
  heard = performance.now()
  /** Bytes of the current reply that have come. */
  #offset = 0
  /** Bytes of the messages sent that the kernel has not taken yet. */
  #unsent = 0
  /**
   * When the messages in flight were due, and when they were sent, which differs only in an open
   * loop. The times of message `n` stand at index `n % depth`.
   */
  readonly #due: Float64Array
  readonly #sent: Float64Array
  /** When `renew` was last called; undefined if it never was. */
  #renewed: number | undefined
  readonly #size: number
  readonly #messages: Messages
  readonly #pace: Pace
  readonly #counts: boolean
  readonly #tally: Tally
  #wire: Wire | undefined

  constructor(number: number, { shape, messages, pace, counts }: LinkOptions, tally: Tally) {
    this.number = number
    this.#due = new Float64Array(shape.depth)
    this.#sent = new Float64Array(shape.depth)
    this.#size = shape.size
    this.#messages = messages
    this.#pace = pace
    this.#counts = counts
    this.#tally = tally
    tally.connecting += 1
    if (counts) tally.talking += 1
  }

  attach(wire: Wire): void {
    this.#wire = wire
  }

  opened(): void {
    this.state = 'open'
    this.#tally.connecting -= 1
    if (this.#renewed === undefined) this.#tally.connected += 1
    else this.begin(1, this.#renewed)
  }

  /** The next connection's first message is due now, so that its latency includes the connect. */
  renew(now: number): void {
    this.#wire?.close()
    this.state = 'connecting'
    this.#tally.connecting += 1
    this.sent = 0
    this.replies = 0
    this.heard = now
    this.#renewed = now
  }

  /**
   * Sends the next `count` messages, in one piece. At most `depth` may be in flight.
   *
   * @param due when they should have been sent
   */
  begin(count: number, now: number, due = now): void {
    if (this.sent === this.replies) this.#tally.busy += 1
    const first = this.sent
    for (let i = first; i < first + count; i++) {
      this.#due[i % this.#due.length] = due
      this.#sent[i % this.#sent.length] = now
    }
    this.sent += count
    this.heard = now
    // If bytes of earlier messages are left, `writable` sends these first, and then the new ones.
    const rest = this.#unsent
    this.#unsent += count * this.#size
    if (rest === 0) this.#send(this.#messages.messages(this.number, first, count))
  }

  writable(): boolean {
    if (this.#unsent === 0) return false
    const position = this.sent * this.#size - this.#unsent
    const first = Math.floor(position / this.#size)
    const row = this.#messages.messages(this.number, first, this.sent - first)
    this.#send(row.subarray(position % this.#size))
    return this.#unsent > 0
  }

  /**
   * The clock is read once per call, after the check: this time ends the messages whose replies are
   * complete now, and is the start of the messages that follow them.
   */
  received(chunk: Buffer, length: number): void {
    const before = this.replies
    if (!this.#check(chunk, length)) return
    this.#tally.transferred(0, length)
    const now = performance.now()
    this.heard = now
    const completed = this.replies - before
    if (completed === 0) return
    this.#tally.replies += completed
    if (this.#counts && this.#tally.measuring) this.#count(before, now)
    if (this.sent === this.replies) this.#tally.busy -= 1
    if (this.#tally.pumping) this.#pace.replied(this, completed, now)
    else if (this.sent === this.replies) this.#pace.last?.(this)
  }

  /** Counts the replies from number `first` on. */
  #count(first: number, now: number): void {
    for (let n = first; n < this.replies; n++) {
      const place = n % this.#due.length
      this.#tally.reply(now - this.#due[place]!, now - this.#sent[place]!)
    }
    this.counted += this.replies - first
  }

  lost(kind: ErrorKind): void {
    if (this.state === 'closed') return
    this.#tally.error(kind)
    this.close()
  }

  close(): void {
    if (this.state === 'closed') return
    if (this.state === 'connecting') this.#tally.connecting -= 1
    if (this.sent > this.replies) this.#tally.busy -= 1
    if (this.#counts) this.#tally.talking -= 1
    this.state = 'closed'
    this.#wire?.close()
  }

  #send(bytes: Buffer): void {
    const taken = this.#wire!.send(bytes)
    this.#unsent -= taken
    this.#tally.transferred(taken, 0)
  }

  /** Compares the bytes that have come with those that are due. False after a wrong byte. */
  #check(chunk: Buffer, length: number): boolean {
    let at = 0
    while (at < length) {
      if (this.replies === this.sent) return this.#mismatch(NOTHING, chunk.subarray(at, length))
      const due = this.#messages.due(this.number, this.replies)
      const from = this.#offset
      const count = Math.min(due.length - from, length - at)
      // The C library's memcmp: at any size at least as fast as a loop in JavaScript.
      if (due.compare(chunk, at, at + count, from, from + count) !== 0) {
        return this.#mismatch(due.subarray(from), chunk.subarray(at, length))
      }
      at += count
      this.#offset = from + count === due.length ? 0 : from + count
      if (this.#offset === 0) this.replies += 1
    }
    return true
  }

  /** @param due the rest of the current reply, of which `got` differs */
  #mismatch(due: Uint8Array, got: Buffer): false {
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
