import { type Accepted, isSystemError, POLLHUP, type Posix } from '../posix/api.ts'
import { ACCEPT_BATCH, ACCEPT_REST, listenTcp } from '../posix/listen.ts'
import type { ServeOptions } from '../server.ts'
import type { Proactor } from './proactor.ts'

/**
 * A listening socket that accepts no more clients than there is room for.
 *
 * Every accept in flight has a place reserved for the client that it will bring. A multishot accept
 * would bring any number before we could stop it; with these, a client above the limit waits in the
 * kernel's backlog, as promised. At the limit no accept is in flight that could fail at closing
 * time. Therefore a poll is in flight from the start: it completes when the listener is shut down.
 */
export class Listener {
  readonly fd: number
  readonly #posix: Posix
  readonly #proactor: Proactor
  readonly #limit: number
  readonly #accepted: (client: Accepted) => void
  readonly #closeAll: () => void
  #inFlight = 0
  #isResting = false
  /** False from closing time on. */
  isOpen = true

  constructor(
    options: ServeOptions,
    posix: Posix,
    proactor: Proactor,
    accepted: (client: Accepted) => void,
    closeAll: () => void,
  ) {
    this.#posix = posix
    this.#proactor = proactor
    this.#limit = options.maxConnections
    this.#accepted = accepted
    this.#closeAll = closeAll
    this.fd = listenTcp(posix, options, 'blocking')
    proactor.poll(this.fd, POLLHUP, closeAll)
  }

  // #region accept
  /** Submits as many accepts as fit beside `open` connections, up to a batch. */
  accept(open: number): void {
    if (!this.isOpen || this.#isResting) return
    const room = Math.min(ACCEPT_BATCH, this.#limit - open)
    while (this.#inFlight < room) {
      this.#inFlight += 1
      this.#proactor.accept(this.fd, this.#completed)
    }
  }
  // #endregion accept

  /** A second call does nothing. */
  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.#posix.close(this.fd)
  }

  readonly #completed = (result: number): void => {
    this.#inFlight -= 1
    if (result >= 0) this.#welcome(result)
    else this.#rest()
  }

  #welcome(fd: number): void {
    const peer = this.#peerOf(fd)
    if (peer) this.#accepted({ fd, peer })
    else this.#posix.close(fd)
    // The kernel has accepted it just before closing time, and says so after it.
    if (!this.isOpen) this.#closeAll()
  }

  /** Null if the client has left already. */
  #peerOf(fd: number): Accepted['peer'] | null {
    try {
      return this.#posix.getpeername(fd)
    } catch (error) {
      if (isSystemError(error)) return null
      throw error
    }
  }

  /**
   * Most likely descriptors have run out. Whatever the reason, to submit the accept again at once
   * would spin.
   */
  #rest(): void {
    if (this.#isResting || !this.isOpen) return
    this.#isResting = true
    this.#proactor.timeout(ACCEPT_REST, () => {
      this.#isResting = false
    })
  }
}
