/**
 * How do bytes get between a descriptor and a transport? The reactor says when the descriptor is
 * ready; then one recv(2) or send(2) moves what it can, without blocking.
 */
import { ReceiveBuffer } from '../bytes/receive-buffer.ts'
import {
  type Accepted,
  type Address,
  isSystemError,
  type Posix,
  SHUT_WR,
  WOULD_BLOCK,
} from '../posix/api.ts'
import { ConnectionLost } from './errors.ts'
import type { PosixParts, Selectable } from './interfaces.ts'
import { BaseTransport } from './transport.ts'

/** One for all: a reactor reads one socket at a time, and a protocol copies the bytes it keeps. */
const buffer = new ReceiveBuffer(65536)

export class PosixTransport extends BaseTransport implements Selectable {
  readonly #reactor: PosixParts
  readonly #posix: Posix
  readonly #peer: Address
  #fd: number

  constructor(reactor: PosixParts, { fd, peer }: Accepted) {
    super(reactor)
    this.#reactor = reactor
    this.#posix = reactor.posix
    this.#fd = fd
    this.#peer = peer
  }

  get unsent(): number {
    return this.queue.length
  }

  fileno(): number {
    return this.#fd
  }

  getPeer(): Address {
    return this.#peer
  }

  getHost(): Address {
    return this.#posix.getsockname(this.#fd)
  }

  setTcpNoDelay(enabled: boolean): void {
    this.#posix.setsockopt(this.#fd, 'TCP_NODELAY', enabled ? 1 : 0)
  }

  // #region doRead
  /** One chunk per wake-up, so that no connection keeps the others waiting for long. */
  doRead(): void {
    const count = this.#recv()
    if (count > 0) this.received(buffer.first(count))
    else if (count === 0) this.inputEnded()
  }
  // #endregion doRead

  doWrite(): void {
    this.flush()
  }

  protected trySend(bytes: Uint8Array): number {
    try {
      const sent = this.#posix.send(this.#fd, bytes)
      return sent === WOULD_BLOCK ? 0 : sent
    } catch (error) {
      this.sendFailed(error)
      // The connection is doomed: keeping the bytes would be of no use.
      return bytes.length
    }
  }

  protected startReading(): void {
    this.#reactor.addReader(this)
  }

  protected stopReading(): void {
    this.#reactor.removeReader(this)
  }

  protected startWriting(): void {
    this.#reactor.addWriter(this)
  }

  protected stopWriting(): void {
    this.#reactor.removeWriter(this)
  }

  protected sendFin(): void {
    try {
      this.#posix.shutdown(this.#fd, SHUT_WR)
    } catch (error) {
      // The peer has reset the connection meanwhile; the next read will say so.
      if (!isSystemError(error, 'ENOTCONN')) throw error
    }
  }

  protected closeSocket(reset: boolean): void {
    this.stopReading()
    this.stopWriting()
    const fd = this.#fd
    this.#fd = -1
    if (reset) this.#posix.setsockopt(fd, 'SO_LINGER', 0)
    this.#posix.close(fd)
  }

  #recv(): number {
    try {
      return this.#posix.recv(this.#fd, buffer.bytes)
    } catch (error) {
      this.connectionLost(new ConnectionLost(error))
      return WOULD_BLOCK
    }
  }
}
