import { type Accepted, type Address, EXHAUSTED, isSystemError } from '../posix/api.ts'
import { ACCEPT_BATCH, ACCEPT_REST } from '../posix/listen.ts'
import { Dispatcher } from './dispatcher.ts'
import type { SocketMap } from './loop.ts'

export interface ListenerOptions {
  readonly address: Address
  readonly backlog: number
  readonly maxConnections: number
}

/** What a listener needs to know of the connections that it has accepted. */
export interface Finishing {
  /** Closing time: send what is owed, then close. */
  finish(): void
}

/**
 * A dispatcher that listens, and knows when not to accept: at the limit of connections, and for a
 * moment after the process has run out of descriptors. Then it is not readable, and a client that
 * isn't accepted waits in the kernel's backlog. A plain dispatcher, which is always readable, would
 * spin. Python's closes the listener instead, in `handle_error`, and accepts nobody from then on.
 */
export class Listener<Connection extends Finishing> extends Dispatcher {
  readonly connections = new Set<Connection>()
  readonly #limit: number
  #restUntil = 0

  constructor(options: ListenerOptions, map: SocketMap) {
    super(map)
    this.#limit = options.maxConnections
    this.createSocket(options.address.family)
    try {
      this.setReuseAddr()
      // Accepted connections inherit it: a reply goes out at once and waits for no ACK (Nagle).
      map.posix.setsockopt(this.fd, 'TCP_NODELAY', 1)
      this.bind(options.address)
      this.listen(options.backlog)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The milliseconds for which it rests; Infinity if it doesn't, since then nothing is due. */
  get rest(): number {
    if (this.#restUntil === 0) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#restUntil - performance.now())
  }

  // #region accept
  override readable(): boolean {
    if (this.rest === 0) this.#restUntil = 0
    return this.#restUntil === 0 && this.connections.size < this.#limit
  }

  /**
   * Several per event. Python's takes one, and the next one only after a whole pass.
   */
  override handleAccept(): void {
    const room = Math.min(ACCEPT_BATCH, this.#limit - this.connections.size)
    for (let i = 0; i < room && this.accepting; i++) {
      const accepted = this.accept()
      if (!accepted) return
      this.#handOver(accepted)
    }
  }
  // #endregion accept

  override handleError(error: unknown): void {
    if (isSystemError(error, ...EXHAUSTED)) this.#restUntil = performance.now() + ACCEPT_REST
    // What accept(2) says of a listener that has been shut down: closing time.
    else if (isSystemError(error, 'EINVAL')) this.handleClose()
    else super.handleError(error)
  }

  override close(): void {
    super.close()
    this.#restUntil = 0
  }

  // #region stop
  /** Closing time: the loop ends when the last connection has left the map. */
  override handleClose(): void {
    this.close()
    for (const connection of this.connections) connection.finish()
  }
  // #endregion stop

  /** A handler that throws has not taken the connection. */
  #handOver({ fd, peer }: Accepted): void {
    try {
      this.handleAccepted(fd, peer)
    } catch (error) {
      this.map.posix.close(fd)
      throw error
    }
  }
}
