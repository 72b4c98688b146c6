import type { Socket } from 'node:net'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { asBuffer, NOTHING } from '../bytes/bytes.ts'

/** The stream ended before all the bytes that a read had asked for. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError'
  /** The bytes that had come. */
  readonly partial: Uint8Array

  constructor(partial: Uint8Array, expected: string) {
    super(`the stream ended after ${partial.length} bytes, before ${expected}`)
    this.partial = partial
  }
}

/** No separator came within the limit. What was read stays to be read. */
export class LimitOverrunError extends Error {
  override readonly name = 'LimitOverrunError'
}

const NEWLINE = Buffer.from('\n')

/**
 * The receiving side of a connection, after asyncio.StreamReader. One read at a time: a second one
 * meanwhile is an error, as it is there.
 *
 * Where it differs: `read()` without a number returns what is there (asyncio: all there will be);
 * `readline` leaves a line above the limit to be read (asyncio: drops it); the socket is paused
 * above the limit (asyncio: above twice the limit); and `interrupt` ends a waiting read, where
 * asyncio would cancel the task, since a promise can't be cancelled.
 */
export class StreamReader {
  readonly #socket: Socket
  readonly #limit: number
  /** The bytes that came while no read waited, or that are not enough yet for the one that does. */
  readonly #held = new ByteQueue()
  #ended = false
  #error: Error | undefined
  /** The read that waits, if one does. */
  #waiting: Waiting | undefined

  /**
   * @param limit bytes held before the socket is paused, and the longest line; asyncio's is 65536
   */
  constructor(socket: Socket, limit = 65536) {
    if (!(limit > 0)) throw new RangeError(`a limit of ${limit} bytes: it is 1 at least`)
    this.#socket = socket
    this.#limit = limit
    socket.on('data', (chunk) => this.#feed(chunk))
    const finish = () => this.#finish()
    socket.on('end', finish)
    socket.on('error', (error) => this.#finish(error))
    socket.on('close', finish)
  }

  /**
   * Up to `count` bytes, at least one; none at the end of the stream. Rejects if the connection
   * fails.
   */
  read(count = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    if (count === Number.POSITIVE_INFINITY && this.#held.length === 0)
      return this.#next('hand over')
    return this.#readUpTo(count)
  }

  /** A line with its newline; at the end of the stream what is left, without one. */
  async readline(): Promise<Uint8Array> {
    try {
      return await this.readuntil(NEWLINE)
    } catch (error) {
      if (error instanceof IncompleteReadError) return error.partial
      throw error
    }
  }

  /**
   * All up to and with `separator`. Throws IncompleteReadError, or LimitOverrunError if more than
   * the limit comes before the separator, wherever the packets are cut.
   */
  async readuntil(separator: Uint8Array = NEWLINE): Promise<Uint8Array> {
    if (separator.length === 0) throw new RangeError('a separator has one byte at least')
    let from = 0
    for (;;) {
      const held = this.#held.peek()
      const found = asBuffer(held).indexOf(separator, from)
      // A separator may have begun in what is held: go back that far, and no further.
      from = Math.max(0, held.length - separator.length + 1)
      if ((found < 0 ? from : found) > this.#limit) {
        throw new LimitOverrunError(`no separator within ${this.#limit} bytes`)
      }
      if (found >= 0) return this.#take(found + separator.length)
      const chunk = await this.#next('hold')
      if (chunk.length === 0) throw this.#incomplete('the separator')
    }
  }

  /** Exactly `count` bytes. Throws IncompleteReadError if the stream ends before. */
  async readexactly(count: number): Promise<Uint8Array> {
    checkCount(count)
    while (this.#held.length < count) {
      const chunk = await this.#next('hold')
      if (chunk.length === 0) throw this.#incomplete(`${count} bytes`)
    }
    return this.#take(count)
  }

  /** True once the peer's FIN has come and all before it has been read. */
  atEof(): boolean {
    return this.#ended && this.#held.length === 0
  }

  /** Ends the read that waits, if one does, with no bytes. */
  interrupt(): void {
    this.#waiting?.resolve(NOTHING)
    this.#waiting = undefined
  }

  async #readUpTo(count: number): Promise<Uint8Array> {
    if (count !== Number.POSITIVE_INFINITY) checkCount(count)
    if (count === 0) return NOTHING
    if (this.#held.length === 0) await this.#next('hold')
    return this.#take(Math.min(count, this.#held.length))
  }

  /** Waits for the next chunk; none at the end of the stream, or when interrupted. */
  #next(use: Waiting['use']): Promise<Uint8Array> {
    if (this.#waiting) return Promise.reject(busy())
    if (this.#error) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve(NOTHING)
    // Paused at the limit, while this read needs more than that.
    if (this.#socket.isPaused()) this.#socket.resume()
    return new Promise((resolve, reject) => {
      this.#waiting = { use, resolve, reject }
    })
  }

  #take(count: number): Uint8Array {
    if (this.#waiting) throw busy()
    const taken = this.#held.peek().slice(0, count)
    this.#held.drop(count)
    if (this.#socket.isPaused() && this.#held.length <= this.#limit) this.#socket.resume()
    return taken
  }

  #incomplete(expected: string): IncompleteReadError {
    return new IncompleteReadError(this.#take(this.#held.length), expected)
  }

  // #region feed
  /**
   * A chunk is held here and not by the read that it wakes: the read goes on a moment later, and
   * Node may have brought the next chunk by then.
   */
  #feed(chunk: Uint8Array): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting?.use !== 'hand over') {
      this.#held.push(chunk)
      if (this.#held.length > this.#limit) this.#socket.pause()
    }
    waiting?.resolve(chunk)
  }
  // #endregion feed

  #finish(error?: Error): void {
    this.#ended = true
    this.#error ??= error
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#error) waiting?.reject(this.#error)
    else waiting?.resolve(NOTHING)
  }
}

interface Waiting {
  /** Whether the next chunk goes straight to the caller, uncopied, or to what is held. */
  readonly use: 'hand over' | 'hold'
  readonly resolve: (chunk: Uint8Array) => void
  readonly reject: (error: Error) => void
}

function busy(): Error {
  return new Error('another read is waiting already')
}

function checkCount(count: number): void {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`${count} bytes can't be read`)
}
