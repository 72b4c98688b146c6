import type { Socket } from 'node:net'
import { localAddress } from '../node/addresses.ts'
import type { Address } from '../posix/api.ts'
import { ConnectionLost } from './errors.ts'
import type { NodeParts } from './interfaces.ts'
import { BaseTransport } from './transport.ts'

/**
 * A transport on a socket of Node's, which reads by itself and keeps what the kernel does not take.
 * The socket is given one write at a time, so that it keeps little; the rest waits in the queue of
 * the transport.
 */
export class NodeTransport extends BaseTransport {
  readonly #socket: Socket
  readonly #peer: Address
  /** Node keeps what the last write has left. */
  #inFlight = false

  constructor(reactor: NodeParts, socket: Socket, peer: Address) {
    super(reactor)
    this.#socket = socket
    this.#peer = peer
    socket.on('data', (chunk: Uint8Array) => this.received(chunk))
    socket.on('end', () => this.inputEnded())
    socket.on('error', (error) => this.connectionLost(new ConnectionLost(error)))
  }

  get unsent(): number {
    return this.queue.length + this.#socket.writableLength
  }

  getPeer(): Address {
    return this.#peer
  }

  getHost(): Address {
    return localAddress(this.#socket)
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#socket.setNoDelay(enabled)
  }

  protected trySend(bytes: Uint8Array): number {
    if (this.#inFlight) return 0
    this.#socket.write(bytes, this.#written)
    this.#inFlight = this.#socket.writableLength > 0
    return bytes.length
  }

  /** Node calls this for every write; nothing waits for one that the kernel took at once. */
  readonly #written = (): void => {
    if (!this.#inFlight || this.#socket.writableLength > 0) return
    this.#inFlight = false
    this.flush()
  }

  protected startReading(): void {
    this.#socket.resume()
  }

  protected stopReading(): void {
    this.#socket.pause()
  }

  /**
   * What is in flight calls back; else a pull producer waits for its turn, and comes in the next
   * pass.
   */
  protected startWriting(): void {
    if (!this.#inFlight) this.reactor.callFromThread(() => this.flush())
  }

  protected stopWriting(): void {}

  protected sendFin(): void {
    this.#socket.end()
  }

  protected closeSocket(reset: boolean): void {
    if (reset) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }
}
