import type { Socket } from 'node:net'
import { ByteQueue } from '../protocol/byte-queue.ts'

/** The stream ended before all that was asked for had come. */
export class IncompleteReadError extends Error {
  override readonly name = 'IncompleteReadError'
  /** What had come. */
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
const NOTHING = new Uint8Array(0)

/**
 * The receiving side of a connection, after asyncio.StreamReader. One read at a time: a second one
 * meanwhile is an error, as it is there.
 *
 * Where it differs: `read()` without a number returns what is there (asyncio: all there will be), and
 * `interrupt` ends a waiting read, where asyncio would cancel the task; a promise can't be cancelled.
 */
export class StreamReader {
  readonly #socket: Socket
  readonly #limit: number
  /** What came while nobody was waiting. */
  readonly #held = new ByteQueue()
  #ended = false
  #error: Error | undefined
  /** The read that waits, if one does. */
  #waiting: { resolve: (chunk: Uint8Array) => void; reject: (error: Error) => void } | undefined

  /** @param limit bytes held before the socket is paused, and the longest line; asyncio's is 65536 */
  constructor(socket: Socket, limit = 65536) {
    this.#socket = socket
    this.#limit = limit
    socket.on('data', (chunk) => this.#feed(chunk))
    socket.on('end', () => this.#finish())
    socket.on('error', (error) => this.#finish(error))
    socket.on('close', () => this.#finish())
  }

  /** Up to `count` bytes, at least one; none at the end of the stream. Rejects if the connection fails. */
  read(count = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    if (count === Number.POSITIVE_INFINITY && this.#held.length === 0) return this.#next()
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

  /** All up to and with `separator`. Throws IncompleteReadError or LimitOverrunError. */
  async readuntil(separator: Uint8Array = NEWLINE): Promise<Uint8Array> {
    let from = 0
    for (;;) {
      const held = this.#held.peek()
      const found = Buffer.from(held.buffer, held.byteOffset, held.length).indexOf(separator, from)
      if (found > this.#limit || (found < 0 && held.length > this.#limit)) {
        throw new LimitOverrunError(`no separator within ${this.#limit} bytes`)
      }
      if (found >= 0) return this.#take(found + separator.length)
      // A separator may have begun in what is held: go back that far, and no further.
      from = Math.max(0, held.length - separator.length + 1)
      const chunk = await this.#next()
      if (chunk.length === 0)
        throw new IncompleteReadError(this.#take(held.length), 'the separator')
      this.#held.push(chunk)
    }
  }

  /** Exactly `count` bytes. Throws IncompleteReadError if the stream ends before. */
  async readexactly(count: number): Promise<Uint8Array> {
    while (this.#held.length < count) {
      const chunk = await this.#next()
      const { length } = this.#held
      if (chunk.length === 0) throw new IncompleteReadError(this.#take(length), `${count} bytes`)
      this.#held.push(chunk)
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
    if (count === 0) return NOTHING
    if (this.#held.length === 0) this.#held.push(await this.#next())
    return this.#take(Math.min(count, this.#held.length))
  }

  /** The next chunk as it comes, unheld; none at the end. */
  #next(): Promise<Uint8Array> {
    if (this.#waiting) return Promise.reject(new Error('another read is waiting already'))
    if (this.#error) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve(NOTHING)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }

  #take(count: number): Uint8Array {
    const taken = this.#held.peek().slice(0, count)
    this.#held.drop(count)
    if (this.#socket.isPaused() && this.#held.length <= this.#limit) this.#socket.resume()
    return taken
  }

  #feed(chunk: Uint8Array): void {
    const waiting = this.#waiting
    if (waiting) {
      this.#waiting = undefined
      waiting.resolve(chunk)
    } else {
      this.#held.push(chunk)
      if (this.#held.length > this.#limit) this.#socket.pause()
    }
  }

  #finish(error?: Error): void {
    this.#ended = true
    this.#error ??= error
    const waiting = this.#waiting
    this.#waiting = undefined
    if (this.#error) waiting?.reject(this.#error)
    else waiting?.resolve(NOTHING)
  }
}
