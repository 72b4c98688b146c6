/** One connection to a server, for tests: a test awaits each step, and nothing is read unasked. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { ByteQueue } from '../servers/bytes/byte-queue.ts'
import type { Address } from '../servers/posix/api.ts'

export class ClientSession implements Disposable {
  readonly #socket: Socket
  readonly #received = new ByteQueue()
  #wake = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    for (const event of ['readable', 'end', 'close']) socket.on(event, () => this.#wake())
    // Its error is thrown where somebody reads.
    socket.on('error', () => {})
  }

  /**
   * Rejects with Node's error if the connect fails.
   *
   * @param signal gives the connect up: then it rejects with an AbortError
   */
  static async connect({ address, port }: Address, signal?: AbortSignal): Promise<ClientSession> {
    const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true })
    try {
      await once(socket, 'connect', { signal })
    } catch (error) {
      socket.on('error', () => {}).destroy()
      throw error
    }
    return new ClientSession(socket)
  }

  /** Connects over TLS. Rejects if `ca`, PEM text, has not signed the server's certificate. */
  static async connectTls({ address, port }: Address, ca: string): Promise<ClientSession> {
    const plain = connect({ host: address, port, allowHalfOpen: true, noDelay: true })
    const socket = connectTls({ socket: plain, host: address, ca })
    await once(socket, 'secureConnect')
    return new ClientSession(socket)
  }

  /** Sends `bytes`; resolves when the kernel has taken them all. */
  async send(bytes: Uint8Array | string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Exactly `count` bytes. Rejects if the stream ends or fails before. */
  async receive(count: number): Promise<Buffer> {
    while (this.#received.length < count) {
      if (await this.#readMore()) continue
      throw new Error(`the stream ended ${count - this.#received.length} bytes too early`)
    }
    return this.#take(count)
  }

  /** All bytes until the server's FIN. */
  async receiveAll(): Promise<Buffer> {
    while (await this.#readMore());
    return this.#take(this.#received.length)
  }

  /** Sends `bytes` and receives a reply of `count` bytes. */
  async ask(bytes: Uint8Array | string, count: number): Promise<Buffer> {
    const [reply] = await Promise.all([this.receive(count), this.send(bytes)])
    return reply
  }

  /** Sends the FIN; the session can still receive. */
  end(): void {
    this.#socket.end()
  }

  /** Sends a reset. */
  reset(): void {
    this.#socket.resetAndDestroy()
  }

  /** All bytes that have arrived so far. */
  get arrived(): number {
    return this.#socket.bytesRead
  }

  /** What a `receive` that waits has so far; valid until more comes. */
  get held(): Uint8Array {
    return this.#received.peek()
  }

  /** Bytes that have arrived and were not asked for. */
  get unread(): number {
    return this.#received.length + this.#socket.readableLength
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }

  /** Waits for more bytes; false at the end of the stream. Node alone reads only some KiB ahead. */
  async #readMore(): Promise<boolean> {
    for (;;) {
      const chunk: Uint8Array | null = this.#socket.read()
      if (chunk) {
        this.#received.push(chunk)
        return true
      }
      if (this.#socket.errored) throw this.#socket.errored
      if (this.#socket.readableEnded || this.#socket.destroyed) return false
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #take(count: number): Buffer {
    const bytes = Buffer.from(this.#received.peek().subarray(0, count))
    this.#received.drop(count)
    return bytes
  }
}
