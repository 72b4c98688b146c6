/**
 * How many clients does a port accept per wake-up, and what does it do without a free descriptor?
 *
 * It accepts as many connections as came last time; the bound keeps a burst of new connections from
 * starving those that are open.
 *
 * When descriptors have run out, no client can be accepted, the listener stays readable, and the
 * loop would spin. So a descriptor is kept in reserve: closed for a moment, it makes room to accept
 * the next client and to close it. The client learns at once that it isn't served. If even that
 * fails, accepting rests.
 */
import { type Accepted, type Address, EXHAUSTED, isSystemError, type Posix } from '../posix/api.ts'
import { ACCEPT_REST, listenTcp } from '../posix/listen.ts'
import { CannotListenError, ConnectionDone } from './errors.ts'
import type { ListeningPort, PosixParts, Selectable } from './interfaces.ts'
import { log } from './log.ts'
import { listenAddress, type PortOptions } from './port-options.ts'
import { PosixTransport } from './posix-transport.ts'

/** Connections accepted per wake-up: at first, added after each full wake-up, and at most. */
const ACCEPTS = { first: 100, step: 20, most: 500 }

export class PosixPort implements ListeningPort, Selectable {
  readonly #reactor: PosixParts
  readonly #posix: Posix
  readonly #options: PortOptions
  #state: 'closed' | 'listening' | 'closing' = 'closed'
  #fd = -1
  #reserve = -1
  #numberAccepts = ACCEPTS.first
  #isPaused = false
  #isResting = false

  constructor(reactor: PosixParts, options: PortOptions) {
    this.#reactor = reactor
    this.#posix = reactor.posix
    this.#options = options
  }

  startListening(): void {
    if (this.#state !== 'closed') throw new CannotListenError(new Error('it listens already'))
    const { backlog } = this.#options
    try {
      this.#fd = listenTcp(
        this.#posix,
        { address: listenAddress(this.#options), backlog },
        'nonblocking',
      )
    } catch (error) {
      throw new CannotListenError(error)
    }
    this.#state = 'listening'
    this.#openReserve()
    this.#reactor.opened(this)
    this.#options.factory.doStart()
    this.#watch()
  }

  stopListening(): void {
    if (this.#state !== 'listening') return
    this.#state = 'closing'
    this.#reactor.removeReader(this)
    this.#reactor.callLater(0, () => this.connectionLost(new ConnectionDone()))
  }

  getHost(): Address {
    return this.#posix.getsockname(this.#fd)
  }

  fileno(): number {
    return this.#fd
  }

  /** Another thread closes the port by shutting its socket down, also while the port is paused. */
  get noticesHangUp(): boolean {
    return this.#state === 'listening'
  }

  pauseProducing(): void {
    this.#isPaused = true
    this.#watch()
  }

  resumeProducing(): void {
    this.#isPaused = false
    this.#watch()
  }

  // #region doRead
  /** Accepts the connections that wait, up to a number that follows the load. */
  doRead(): void {
    for (let i = 0; i < this.#numberAccepts; i++) {
      if (this.#isPaused || this.#state !== 'listening') return
      const accepted = this.#accept()
      if (!accepted) {
        this.#numberAccepts = Math.max(1, i)
        return
      }
      this.#serve(accepted)
    }
    this.#numberAccepts = Math.min(this.#numberAccepts + ACCEPTS.step, ACCEPTS.most)
  }
  // #endregion doRead

  doWrite(): void {}

  connectionLost(_reason: Error): void {
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#reactor.removeReader(this)
    this.#posix.close(this.#fd)
    this.#fd = -1
    this.#closeReserve()
    this.#reactor.closed(this)
    log.guard(() => this.#options.factory.doStop())
  }

  #serve(accepted: Accepted): void {
    const protocol = log.guard(() => this.#options.factory.buildProtocol(accepted.peer))
    if (protocol) new PosixTransport(this.#reactor, accepted).begin(protocol)
    else this.#posix.close(accepted.fd)
  }

  #accept(): Accepted | null {
    try {
      return this.#posix.accept(this.#fd, 'nonblocking')
    } catch (error) {
      // Another thread has shut the socket down.
      if (isSystemError(error, 'EINVAL')) this.connectionLost(new ConnectionDone())
      else if (isSystemError(error, 'EMFILE', 'ENFILE')) this.#turnAway()
      else this.#rest(error)
      return null
    }
  }

  /**
   * Out of descriptors: closes the client that has waited longest, or lets it wait until some are
   * free.
   */
  #turnAway(): void {
    if (this.#reserve < 0) {
      this.#rest()
      return
    }
    this.#closeReserve()
    try {
      const accepted = this.#posix.accept(this.#fd, 'nonblocking')
      if (accepted) this.#posix.close(accepted.fd)
    } catch (error) {
      this.#rest(error)
    }
    this.#openReserve()
  }

  /** Accepts nothing for a moment: the cause of the error may be over then. The port stays open. */
  #rest(error?: unknown): void {
    if (error && !isSystemError(error, ...EXHAUSTED)) log.err(error)
    this.#isResting = true
    this.#watch()
    this.#reactor.callLater(ACCEPT_REST / 1000, () => {
      this.#isResting = false
      if (this.#reserve < 0) this.#openReserve()
      this.#watch()
    })
  }

  #watch(): void {
    if (this.#state !== 'listening') return
    if (this.#isPaused || this.#isResting) this.#reactor.removeReader(this)
    else this.#reactor.addReader(this)
  }

  #openReserve(): void {
    try {
      this.#reserve = this.#posix.socket('IPv4', 'nonblocking')
    } catch (error) {
      if (!isSystemError(error, ...EXHAUSTED)) throw error
    }
  }

  #closeReserve(): void {
    if (this.#reserve >= 0) this.#posix.close(this.#reserve)
    this.#reserve = -1
  }
}
