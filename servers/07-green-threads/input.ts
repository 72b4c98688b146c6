/**
 * How do the bytes that Node reads become the result of a call that waits? When a greenlet waits,
 * the event that brings them resumes it; when none does, they are held until one reads.
 */
import type { Readable } from 'node:stream'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { doneWith, type Green, hub, type Resumable } from './hub.ts'
import { checkCount } from './numbers.ts'

/** Two greenlets read from one stream at a time. Modelled on gevent's error of this name. */
export class ConcurrentObjectUseError extends Error {
  override readonly name = 'ConcurrentObjectUseError'
}

/**
 * Reading stops when more bytes than this are held. What comes then fills the buffers of the
 * kernel, and at last the peer has to wait; our memory doesn't grow.
 */
const LIMIT = 65536

/** What `recv` returns at the end of the stream: a Buffer, as always, with no bytes. */
const NOTHING = Buffer.alloc(0)

/** Nothing comes after either of these. */
const ENDS = ['end', 'close'] as const

/** The receiving end of a socket or a pipe. */
export class Input {
  readonly #stream: Readable
  /** What came while no greenlet was waiting. A client's first chunk is mostly the only one. */
  #first: Buffer = NOTHING
  /** The chunks after it, joined: each on its own would take a hundred bytes, however small it is. */
  readonly #more = new ByteQueue()
  #paused = false
  #ended: boolean
  /** Why nothing comes any more, unless the stream has ended. An error is made when it is thrown. */
  #reason: (() => Error) | undefined
  /** The greenlet that waits, and how many bytes it takes at most. */
  #reader: Resumable | undefined
  #wanted = 0
  readonly #fed = (chunk: Buffer) => this.#feed(chunk)
  readonly #finished = () => this.#finish()
  readonly #failed = (error: Error) => {
    this.#reason ??= () => error
    this.#finish()
  }

  constructor(stream: Readable) {
    this.#stream = stream
    // A stream that has ended or failed already emits nothing any more.
    this.#ended = stream.readableEnded || stream.destroyed
    const { errored } = stream
    if (errored) this.#reason = () => errored
    stream.on('data', this.#fed)
    stream.on('error', this.#failed)
    for (const event of ENDS) stream.on(event, this.#finished)
  }

  /**
   * Waits for up to `count` bytes, at least one; returns none at the end of the stream. Throws the
   * error that the stream fails with, after all bytes that came before it.
   */
  recv(count: number): Green<Buffer> {
    checkCount(count, 0, 'bytes')
    if (this.#reader) throw new ConcurrentObjectUseError('another greenlet is reading already')
    if (this.#held > 0) return doneWith(this.#take(count))
    if (this.#reason) throw this.#reason()
    if (this.#ended || count === 0) return doneWith(NOTHING)
    return this.#next(count)
  }

  /** Waits until `recv` would return at once. Reads nothing. */
  *waitReadable(): Green<void> {
    if (this.#reader) throw new ConcurrentObjectUseError('another greenlet is reading already')
    if (this.#held === 0 && !this.#ended) yield* this.#next(0)
  }

  /** True while a greenlet waits here. */
  get isWaiting(): boolean {
    return this.#reader !== undefined
  }

  // #region recv
  *#next(count: number): Green<Buffer> {
    this.#reader = hub.requireCurrent()
    this.#wanted = count
    try {
      return (yield) as Buffer
    } finally {
      this.#reader = undefined
    }
  }

  /** Bytes have come: the greenlet that waits for them goes on right here, inside Node's event. */
  #feed(chunk: Buffer): void {
    if (this.#ended) return
    const reader = this.#reader
    if (reader && chunk.length <= this.#wanted) {
      reader.switch(chunk)
    } else {
      this.#hold(chunk)
      reader?.switch(this.#take(this.#wanted))
    }
  }
  // #endregion recv

  /** In bytes. */
  get #held(): number {
    return this.#first.length + this.#more.length
  }

  #hold(chunk: Buffer): void {
    if (this.#held === 0) this.#first = chunk
    else this.#more.push(chunk)
    if (this.#held <= LIMIT || this.#paused) return
    this.#paused = true
    this.#stream.pause()
  }

  #take(count: number): Buffer {
    const taken = this.#takeFirst(count)
    if (this.#paused && this.#held <= LIMIT) {
      this.#paused = false
      this.#stream.resume()
    }
    return taken
  }

  #takeFirst(count: number): Buffer {
    const first = this.#first
    if (first.length > 0) {
      // An empty view would keep the memory of the whole chunk.
      this.#first = count < first.length ? first.subarray(count) : NOTHING
      return first.subarray(0, count)
    }
    const taken = Buffer.from(this.#more.peek().subarray(0, count))
    this.#more.drop(taken.length)
    return taken
  }

  /** Nothing comes any more. `close` may have come first: a stream that it destroyed did not end. */
  #finish(): void {
    this.#ended = true
    if (!this.#reader) return
    if (this.#reason) this.#reader.throw(this.#reason())
    else this.#reader.switch(NOTHING)
  }

  /** Drops what comes from now on. What came before can still be read. */
  shutdown(): void {
    this.#ended = true
    hub.runCallback(() => this.#finish())
  }

  /** Closed from our side: a greenlet that waits, or reads from now on, gets the error `reason`. */
  close(reason: () => Error): void {
    this.#ended = true
    this.#reason = reason
    this.#first = NOTHING
    this.#more.clear()
    if (this.#reader) hub.runCallback(() => this.#finish())
  }

  /** Gives the stream back, with the bytes that were read ahead. */
  detach(): void {
    this.#stream.off('data', this.#fed)
    this.#stream.off('error', this.#failed)
    for (const event of ENDS) this.#stream.off(event, this.#finished)
    if (this.#held > 0) this.#stream.unshift(Buffer.concat([this.#first, this.#more.peek()]))
    this.#stream.pause()
  }

  /** Throws `error` into the greenlet that waits, if there is one. Only the hub may call this. */
  interrupt(error: Error): void {
    this.#reader?.throw(error)
  }
}
