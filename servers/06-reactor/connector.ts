/**
 * How does a client get its connection, and a new one when that has ended? Through a connector,
 * which outlives its connections and tells the client's factory what became of each attempt. How a
 * socket connects is up to a subclass: posix-connector.ts for a descriptor, node-connector.ts for a
 * socket of Node.
 *
 *     disconnected → connecting: connect → connected → disconnected: clientConnectionLost
 *                               ↘ disconnected: clientConnectionFailed
 */
import type { DelayedCall } from './delayed-call.ts'
import { NotConnectingError, TimeoutError, toError, UserError } from './errors.ts'
import type { ClientFactory, Closable, Connector, Destination, ReactorParts } from './interfaces.ts'
import { log } from './log.ts'
import { Protocol } from './protocol.ts'
import type { BaseTransport } from './transport.ts'

export abstract class BaseConnector implements Connector, Closable {
  protected readonly destination: Destination
  readonly #reactor: ReactorParts
  readonly #factory: ClientFactory
  readonly #timeout: number
  #state: 'disconnected' | 'connecting' | 'connected' = 'disconnected'
  #transport: BaseTransport | null = null
  #isStarted = false
  /** While connecting: the timeout, and a failure that the factory is told of in the next pass. */
  #timer: DelayedCall | undefined
  #failure: DelayedCall | undefined

  /** @param timeout seconds */
  constructor(
    reactor: ReactorParts,
    destination: Destination,
    factory: ClientFactory,
    timeout: number,
  ) {
    this.#reactor = reactor
    this.destination = destination
    this.#factory = factory
    this.#timeout = timeout
  }

  getDestination(): Destination {
    return this.destination
  }

  /** Connects, for the first time or again. Throws unless the connector is disconnected. */
  connect(): void {
    if (this.#state !== 'disconnected') throw new Error(`can't connect: it is ${this.#state}`)
    if (!this.#isStarted) this.#factory.doStart()
    this.#isStarted = true
    this.#reactor.opened(this)
    this.#state = 'connecting'
    const message = `no connection within ${this.#timeout} s`
    this.#timer = this.#reactor.callLater(this.#timeout, () =>
      this.connectionFailed(new TimeoutError(message)),
    )
    this.open()
    log.guard(() => this.#factory.startedConnecting(this))
  }

  /** Gives up; `clientConnectionFailed` follows, with a UserError. Throws NotConnectingError. */
  stopConnecting(): void {
    if (this.#state !== 'connecting') throw new NotConnectingError(`it is ${this.#state}`)
    this.cancel()
    this.failSoon(new UserError('stopped by the program'))
  }

  /** Ends the connection, or gives up making it. */
  disconnect(): void {
    if (this.#state === 'connecting') this.stopConnecting()
    else this.#transport?.loseConnection()
  }

  /** Called by a reactor that stops while this connector is connecting. */
  connectionLost(reason: Error): void {
    this.connectionFailed(reason)
  }

  /** Begins to connect; ends with `established`, `connectionFailed` or `failSoon`. */
  protected abstract open(): void
  /** Ends what `open` began, if it has not ended yet. */
  protected abstract cancel(): void

  protected established(transport: BaseTransport): void {
    this.#settle()
    this.#state = 'connected'
    this.#transport = transport
    try {
      const protocol = this.#factory.buildProtocol(transport.getPeer())
      transport.begin(protocol ?? new Protocol(), (reason) => this.#lost(reason))
      if (!protocol) transport.loseConnection()
    } catch (error) {
      log.err(error)
      transport.connectionLost(toError(error))
      this.#fail(toError(error))
    }
  }

  protected connectionFailed(reason: Error): void {
    if (this.#state !== 'connecting') return
    this.cancel()
    this.#settle()
    this.#fail(reason)
  }

  /** Fails in the next pass: `connect`, which may be the caller, has not returned yet. */
  protected failSoon(reason: Error): void {
    if (this.#failure?.active()) this.#failure.cancel()
    this.#failure = this.#reactor.callLater(0, () => this.connectionFailed(reason))
  }

  #fail(reason: Error): void {
    this.#state = 'disconnected'
    this.#transport = null
    log.guard(() => this.#factory.clientConnectionFailed(this, reason))
    this.#stopUnlessConnecting()
  }

  #lost(reason: Error): void {
    this.#state = 'disconnected'
    this.#transport = null
    log.guard(() => this.#factory.clientConnectionLost(this, reason))
    this.#stopUnlessConnecting()
  }

  #settle(): void {
    this.#reactor.closed(this)
    if (this.#timer?.active()) this.#timer.cancel()
    if (this.#failure?.active()) this.#failure.cancel()
  }

  #stopUnlessConnecting(): void {
    if (this.#state !== 'disconnected' || !this.#isStarted) return
    this.#isStarted = false
    log.guard(() => this.#factory.doStop())
  }
}
