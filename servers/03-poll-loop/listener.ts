import { type Accepted, EXHAUSTED, isSystemError, POLLIN, type Posix } from '../posix/api.ts'
import { ACCEPT_BATCH, ACCEPT_REST, listenTcp } from '../posix/listen.ts'
import type { Poller } from '../posix/poller.ts'
import type { ServeOptions } from '../server.ts'

/**
 * A listening socket that knows when not to accept: at the limit of connections, and for a moment
 * after the process has run out of descriptors. A client that isn't accepted waits in the kernel's
 * backlog. A loop that went on watching the listener meanwhile would spin, since it stays readable.
 */
export class Listener {
  readonly fd: number
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #limit: number
  #restUntil = 0
  /** False from closing time on. */
  isOpen = true

  constructor(options: ServeOptions, posix: Posix, poller: Poller) {
    this.#posix = posix
    this.#poller = poller
    this.#limit = options.maxConnections
    this.fd = listenTcp(posix, options, 'nonblocking')
    poller.add(this.fd, POLLIN)
  }

  // #region accept
  /**
   * Watches the listener only while one more connection fits; returns the milliseconds until the
   * next call is needed.
   *
   * @param open the number of open connections
   */
  watch(open: number): number {
    if (!this.isOpen) return Number.POSITIVE_INFINITY
    const rest = Math.max(0, this.#restUntil - performance.now())
    this.#poller.modify(this.fd, rest === 0 && open < this.#limit ? POLLIN : 0)
    return rest === 0 ? Number.POSITIVE_INFINITY : rest
  }

  /** The clients that wait, as many as fit beside the `open` connections. Doesn't block. */
  accept(open: number): Accepted[] {
    const clients: Accepted[] = []
    const room = Math.min(ACCEPT_BATCH, this.#limit - open)
    while (clients.length < room) {
      const client = this.#tryAccept()
      if (!client) break
      clients.push(client)
    }
    return clients
  }
  // #endregion accept

  close(): void {
    this.isOpen = false
    this.#poller.remove(this.fd)
    this.#posix.close(this.fd)
  }

  #tryAccept(): Accepted | null {
    try {
      return this.#posix.accept(this.fd, 'nonblocking')
    } catch (error) {
      // The listener was shut down after the last wait: the next wait will say so.
      if (isSystemError(error, 'EINVAL')) return null
      if (!isSystemError(error, ...EXHAUSTED)) throw error
      this.#restUntil = performance.now() + ACCEPT_REST
      return null
    }
  }
}
