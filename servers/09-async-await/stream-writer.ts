import type { Socket } from 'node:net'
import { peerAddress } from '../node/addresses.ts'
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

/**
 * The sending side of a connection, after asyncio.StreamWriter.
 *
 * Where it differs: `drain` waits until nothing is unsent (asyncio: until less than the low-water
 * mark is); `waitClosed` resolves after a failure too (asyncio: raises it); `writeEof` needs no
 * `canWriteEof`, since every connection is TCP here; and `abort`, `abortAfter` and `abortWhenIdle`
 * stand in for what a program does there with `writer.transport` and `asyncio.timeout`.
 */
export class StreamWriter {
  readonly #socket: Socket
  /** The calls that wait in `drain`. */
  #waiting: (() => void)[] = []
  #isAborted = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('drain', () => this.#wake())
    socket.on('close', () => this.#wake())
  }

  /** Sends `bytes` and keeps what the kernel does not take. Await `drain` next. */
  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#socket.write(bytes)
  }

  writelines(list: Iterable<Uint8Array>): void {
    this.#socket.cork()
    for (const bytes of list) this.write(bytes)
    this.#socket.uncork()
  }

  /** True if `drain` would wait. Not in asyncio, where `drain` is always awaited. */
  get needsDrain(): boolean {
    return this.#socket.writableNeedDrain
  }

  // #region drain
  /**
   * Waits, if as much is unsent as the high-water mark, until all is sent. Rejects if the
   * connection is lost: with its error, or with a ConnectionResetError if it was aborted.
   */
  drain(): Promise<void> {
    const { writableNeedDrain, destroyed } = this.#socket
    return writableNeedDrain || destroyed ? this.#drained() : SETTLED
  }

  async #drained(): Promise<void> {
    const socket = this.#socket
    if (!socket.destroyed) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    if (socket.destroyed) throw this.#error ?? new ConnectionResetError('the connection is closed')
  }
  // #endregion drain

  /** After an abort Node 24 has an error of its own, ECANCELED, and Node 20 none. */
  get #error(): Error | null {
    return this.#isAborted ? null : this.#socket.errored
  }

  /** Sends what is unsent, then the FIN. The other direction stays open. */
  writeEof(): void {
    this.#socket.end()
  }

  /** Sends what is unsent, then closes both directions. */
  close(): void {
    this.#socket.destroySoon()
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
    this.#socket.once('finish', () => {
      const timer = setTimeout(() => this.abort(), milliseconds)
      this.#socket.once('close', () => clearTimeout(timer))
    })
  }

  /** Aborts when no byte has come or gone for this time; Infinity is never. */
  abortWhenIdle(milliseconds: number): void {
    if (milliseconds === Number.POSITIVE_INFINITY) return
    this.#socket.setTimeout(milliseconds, () => this.abort())
  }

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

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

const SETTLED = Promise.resolve()
