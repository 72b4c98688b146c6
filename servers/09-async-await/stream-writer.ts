import type { Socket } from 'node:net'
import { peerAddress } from '../node/addresses.ts'
import { closeSoon } from '../node/closing.ts'
import type { Address } from '../posix/api.ts'

/**
 * The connection is lost, and the unsent bytes with it. `code` and `syscall` are as in Node's
 * errors.
 */
export class ConnectionResetError extends Error {
  override readonly name = 'ConnectionResetError'
  readonly code = 'ECONNRESET'
  readonly syscall = 'write'
}

/** There is nothing to send after `writeEof` or `close`. What was written before is not lost. */
export class WriteAfterEndError extends Error {
  override readonly name = 'WriteAfterEndError'
}

/**
 * The sending side of a connection, after asyncio.StreamWriter.
 *
 * Where it differs: `drain` waits until nothing is unsent (asyncio: until less than the low-water
 * mark is); `write` throws after `close` too, and not after `writeEof` only (asyncio: drops the
 * bytes without a word); `waitClosed` resolves after a failure too (asyncio: raises it); `writeEof` needs no
 * `canWriteEof`, since every connection is TCP here; and `abort`, `abortAfter` and `abortWhenIdle`
 * stand in for what a program does there with `writer.transport` and `asyncio.timeout`.
 */
export class StreamWriter {
  readonly #socket: Socket
  /** The calls that wait in `drain`; undefined until there is one, which many connections never have. */
  #waiting: (() => void)[] | undefined
  #isAborted = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /**
   * Sends `bytes` and keeps what the kernel does not take. Await `drain` next. Throws a
   * WriteAfterEndError after `writeEof` or `close`: Node would destroy the connection, and with it
   * all that is still unsent. Once the connection is lost, it does nothing; `drain` says so.
   */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    if (this.#socket.writableEnded) throw new WriteAfterEndError('write after writeEof or close')
    this.#socket.write(bytes)
  }

  writelines(list: Iterable<Uint8Array>): void {
    this.#socket.cork()
    for (const bytes of list) this.write(bytes)
    this.#socket.uncork()
  }

  /** True if `drain` would wait. Not in asyncio, where `drain` is always awaited. */
  get needsDrain(): boolean {
    const { writableNeedDrain, writableEnded, writableLength, writableHighWaterMark } = this.#socket
    return writableNeedDrain || (writableEnded && writableLength >= writableHighWaterMark)
  }

  // #region drain
  /**
   * Waits, if as much is unsent as the high-water mark, until all is sent. Rejects if the
   * connection is lost: with its error, or with a ConnectionResetError if it was aborted.
   */
  drain(): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(this.#loss)
    return this.needsDrain ? this.#drained() : SETTLED
  }

  async #drained(): Promise<void> {
    const socket = this.#socket
    this.#waiting ??= this.#listen()
    const waiting = this.#waiting
    await new Promise<void>((resolve) => waiting.push(resolve))
    // `close` destroys the socket, too: at once when all is sent, which is no loss.
    if (socket.destroyed && !socket.writableFinished) throw this.#loss
  }
  // #endregion drain

  /** After an abort Node 24 has an error of its own, ECANCELED, and Node 20 none. */
  get #loss(): Error {
    const error = this.#isAborted ? null : this.#socket.errored
    return error ?? new ConnectionResetError('the connection is closed')
  }

  /** Sends what is unsent, then the FIN. The other direction stays open. */
  writeEof(): void {
    this.#socket.end()
  }

  /** Sends what is unsent, then closes both directions. */
  close(): void {
    closeSoon(this.#socket)
  }

  /** Closes at once and drops what is unsent; asyncio's `transport.abort()`. */
  abort(): void {
    this.#isAborted = true
    this.#socket.destroy()
  }

  /**
   * After `writeEof`: aborts this time after the FIN was sent, unless the connection is closed by
   * then.
   */
  abortAfter(milliseconds: number): void {
    checkMilliseconds(milliseconds)
    this.#socket.once('finish', () => {
      const timer = setTimeout(() => this.abort(), milliseconds)
      this.#socket.once('close', () => clearTimeout(timer))
    })
  }

  // #region abortWhenIdle
  /** Aborts when no byte has come or gone for this time; Infinity is never. */
  abortWhenIdle(milliseconds: number): void {
    checkMilliseconds(milliseconds)
    if (milliseconds === Number.POSITIVE_INFINITY) return
    this.#socket.setTimeout(milliseconds, () => this.abort())
  }
  // #endregion abortWhenIdle

  /** Resolves when the connection is closed, in whatever way. */
  waitClosed(): Promise<void> {
    if (this.#socket.closed) return SETTLED
    return new Promise((resolve) => this.#socket.once('close', () => resolve()))
  }

  /** `peername`: the peer's address. `socket`: the net.Socket beneath. */
  getExtraInfo(name: 'peername'): Address
  getExtraInfo(name: 'socket'): Socket
  getExtraInfo(name: 'peername' | 'socket'): Address | Socket {
    if (name === 'socket') return this.#socket
    return peerAddress(this.#socket)
  }

  /** After `end` Node has no drain any more, but it says when all is sent: `finish`. */
  #listen(): (() => void)[] {
    const waiting: (() => void)[] = []
    const wake = () => {
      for (const resolve of waiting.splice(0)) resolve()
    }
    for (const event of ['drain', 'finish', 'close']) this.#socket.on(event, wake)
    return waiting
  }
}

const SETTLED = Promise.resolve()

/** Node would take a NaN as one millisecond. */
export function checkMilliseconds(milliseconds: number): void {
  if (typeof milliseconds === 'number' && milliseconds >= 0) return
  throw new RangeError(`${milliseconds} is no time in milliseconds`)
}
