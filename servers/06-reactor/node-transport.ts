/**
 * How do bytes get between a socket of Node's and a transport? Node reads by itself and emits what
 * it has read; what the kernel doesn't take of a write, Node keeps. The socket is given one write
 * at a time, so that Node keeps little; the rest waits in the queue of the transport.
 */
import type { Socket } from 'node:net'
import { localAddress } from '../node/addresses.ts'
import type { Address } from '../posix/api.ts'
import { ConnectionLost } from './errors.ts'
import type { NodeParts } from './interfaces.ts'
import { BaseTransport } from './transport.ts'

export class NodeTransport extends BaseTransport {
  readonly #socket: Socket
  readonly #peer: Address
  /** True while Node keeps bytes of the last write. */
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

  /** Node calls this after every write. Nothing waits for a write that the kernel took at once. */
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
   * Node calls `#written` when the bytes in flight are sent. With none in flight, a pull producer
   * waits to be resumed: in the next pass.
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
