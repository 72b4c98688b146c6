import type { Socket } from 'node:net'
import type { Address } from '../posix/api.ts'

/** The sending side of a connection, after asyncio.StreamWriter. */
export class StreamWriter {
  readonly #socket: Socket
  /** Those who wait in `drain`. */
  #waiting: (() => void)[] = []

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('drain', () => this.#wake())
    socket.on('close', () => this.#wake())
  }

  /** Sends `bytes`, sooner or later: what the kernel does not take is kept. Await `drain` next. */
  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#socket.write(bytes)
  }

  writelines(list: Iterable<Uint8Array>): void {
    this.#socket.cork()
    for (const bytes of list) this.write(bytes)
    this.#socket.uncork()
  }

  /**
   * Waits, if more is unsent than the high-water mark, until all is sent. Rejects if the connection was
   * lost with an error.
   */
  drain(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return SETTLED
    return new Promise<void>((resolve) => this.#waiting.push(resolve)).then(() => {
      if (this.#socket.errored) throw this.#socket.errored
    })
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
    this.#socket.destroy()
  }

  /** Aborts so many milliseconds from now, unless it has closed by then. */
  abortAfter(milliseconds: number): void {
    const timer = setTimeout(() => this.abort(), milliseconds)
    this.#socket.once('close', () => clearTimeout(timer))
  }

  /** Aborts once no byte has come or gone for so many milliseconds; Infinity is never. */
  abortWhenIdle(milliseconds: number): void {
    if (milliseconds === Number.POSITIVE_INFINITY) return
    this.#socket.setTimeout(milliseconds, () => this.abort())
  }

  /** Resolves when the connection has gone, however it went. */
  waitClosed(): Promise<void> {
    if (this.#socket.closed) return SETTLED
    return new Promise((resolve) => this.#socket.once('close', () => resolve()))
  }

  /** `peername`: the peer's address. `socket`: the net.Socket beneath. */
  getExtraInfo(name: 'peername'): Address
  getExtraInfo(name: 'socket'): Socket
  getExtraInfo(name: 'peername' | 'socket'): Address | Socket {
    if (name === 'socket') return this.#socket
    const { remoteAddress = '', remotePort = 0, remoteFamily } = this.#socket
    const family = remoteFamily === 'IPv6' ? 'IPv6' : 'IPv4'
    return { family, address: remoteAddress, port: remotePort }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

const SETTLED = Promise.resolve()
