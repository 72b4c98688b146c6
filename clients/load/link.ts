/**
 * One connection of the load generator: which messages it has sent, how much of which reply has
 * come, and whether every byte of it was due. It knows its bytes by counting: the stream that it
 * sends is a run of messages, and the stream that is due a run of replies, both made by {@link
 * Messages} when needed. When it sends is not its affair, but that of its {@link Pace}.
 *
 * Its calls: `attach → opened → (begin | received | writable)* → lost | close`; lost may come any
 * time, and `renew` leads back to `attach`.
 */
import { difference } from '../difference.ts'
import type { Messages, Shape } from '../messages.ts'
import type { Party, Wire } from './engine.ts'
import type { Pace } from './pace.ts'
import type { ErrorKind } from './result.ts'
import type { Tally } from './tally.ts'

const NOTHING = Buffer.alloc(0)

export interface LinkOptions {
  readonly shape: Shape
  readonly messages: Messages
  readonly pace: Pace
  /** False: its replies are checked, and are no part of the figures. */
  readonly counts: boolean
}

export class Link implements Party {
  readonly number: number
  readonly reads = true
  state: 'connecting' | 'open' | 'closed' = 'connecting'
  /** Messages sent, or at least begun. */
  sent = 0
  /** Complete replies. */
  replies = 0
  /** Complete replies in the window. */
  counted = 0
  /** When it was last heard of while something was due to it, of `performance.now()`. */
  heard = performance.now()
  /** Bytes of the reply under way that have come. */
  #offset = 0
  /** Bytes of the messages begun that the kernel has not taken yet. */
  #unsent = 0
  /**
   * When the messages in flight were due, and when they were sent, which is later only in an open
   * loop: that of message `n` at place `n % depth`.
   */
  readonly #due: Float64Array
  readonly #sent: Float64Array
  /** When it was begun anew; undefined if it wasn't. */
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

  /** The connection, from its start on, so that it can be closed before it is open. */
  attach(wire: Wire): void {
    this.#wire = wire
  }

  opened(): void {
    this.state = 'open'
    this.#tally.connecting -= 1
    if (this.#renewed === undefined) this.#tally.connected += 1
    else this.begin(1, this.#renewed)
  }

  /** Closes it and begins anew, with its first message. Its time runs from now on. */
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
   * Sends the next `count` messages, in one piece. No more than `depth` may be in flight.
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
    // What is left of earlier messages goes first.
    const rest = this.#unsent
    this.#unsent += count * this.#size
    if (rest === 0) this.#send(this.#messages.messages(this.number, first, count))
  }

  /** The kernel takes bytes again. Returns whether some are still left. */
  writable(): boolean {
    if (this.#unsent === 0) return false
    const position = this.sent * this.#size - this.#unsent
    const first = Math.floor(position / this.#size)
    const run = this.#messages.messages(this.number, first, this.sent - first)
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
    this.#tally.replies += completed
    if (this.#counts && this.#tally.measuring) this.#count(before, now)
    if (this.sent === this.replies) this.#tally.busy -= 1
    if (this.#tally.pumping) this.#pace.replied(this, completed, now)
    else if (this.sent === this.replies) this.#pace.last?.(this)
  }

  /** The replies from number `first` on. */
  #count(first: number, now: number): void {
    for (let n = first; n < this.replies; n++) {
      const place = n % this.#due.length
      this.#tally.reply(now - this.#due[place]!, now - this.#sent[place]!)
    }
    this.counted += this.replies - first
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
    if (this.#counts) this.#tally.talking -= 1
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
      const due = this.#messages.due(this.number, this.replies)
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
