/**
 * A client's way to its connection, and to the next one when that has ended.
 *
 *     disconnected → connecting: connect → connected → disconnected: clientConnectionLost
 *                               ↘ disconnected: clientConnectionFailed
 */
import { isIP } from 'node:net'
import { type Address, type Posix, SystemError } from '../posix/api.ts'
import type { DelayedCall } from './delayed-call.ts'
import {
  connectError,
  DNSLookupError,
  NotConnectingError,
  TimeoutError,
  toError,
  UserError,
} from './errors.ts'
import type { Closable, Selectable } from './interfaces.ts'
import type { PosixReactor } from './posix-reactor.ts'
import { PosixTransport } from './posix-transport.ts'
import { type ClientFactory, Protocol } from './protocol.ts'
import type { ReactorBase } from './reactor.ts'
import type { Transport } from './transport.ts'

/** Where a connector connects to. */
export interface Destination {
  readonly host: string
  readonly port: number
}

export abstract class Connector implements Closable {
  protected readonly destination: Destination
  readonly #reactor: ReactorBase
  readonly #factory: ClientFactory
  readonly #timeout: number
  #state: 'disconnected' | 'connecting' | 'connected' = 'disconnected'
  #transport: Transport | null = null
  #isStarted = false
  /** While connecting: the timeout, and a failure that waits for a fresh stack. */
  #timer: DelayedCall | undefined
  #failure: DelayedCall | undefined

  /** @param timeout seconds */
  constructor(
    reactor: ReactorBase,
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

  /** Connects, for the first time or again. */
  connect(): void {
    if (this.#state !== 'disconnected') throw new Error(`can't connect: it is ${this.#state}`)
    this.#state = 'connecting'
    if (!this.#isStarted) this.#factory.doStart()
    this.#isStarted = true
    this.#reactor.opened(this)
    const message = `no connection within ${this.#timeout} s`
    this.#timer = this.#reactor.callLater(this.#timeout, () =>
      this.connectionFailed(new TimeoutError(message)),
    )
    this.open()
    this.#factory.startedConnecting(this)
  }

  /** Gives up; `clientConnectionFailed` follows, with a UserError. Throws NotConnectingError. */
  stopConnecting(): void {
    if (this.#state !== 'connecting') throw new NotConnectingError(`it is ${this.#state}`)
    this.cancel()
    this.failSoon(new UserError('stopped by the program'))
  }

  /** Ends it, made or not. */
  disconnect(): void {
    if (this.#state === 'connecting') this.stopConnecting()
    else this.#transport?.loseConnection()
  }

  /** For the reactor, when it stops while this connects. */
  connectionLost(reason: Error): void {
    this.connectionFailed(reason)
  }

  /** Begins to connect; ends with `established`, `connectionFailed` or `failSoon`. */
  protected abstract open(): void
  /** Gives up on what `open` began, if it is still under way. */
  protected abstract cancel(): void

  protected established(transport: Transport): void {
    this.#settle()
    this.#state = 'connected'
    this.#transport = transport
    const protocol = this.#factory.buildProtocol(transport.getPeer())
    transport.begin(protocol ?? new Protocol(), (reason) => this.#lost(reason))
    if (!protocol) transport.loseConnection()
  }

  protected connectionFailed(reason: Error): void {
    if (this.#state !== 'connecting') return
    this.cancel()
    this.#settle()
    this.#state = 'disconnected'
    this.#factory.clientConnectionFailed(this, reason)
    this.#stopUnlessConnecting()
  }

  /** Fails, but on a fresh stack: `connect` has not returned yet. */
  protected failSoon(reason: Error): void {
    if (this.#failure?.active()) this.#failure.cancel()
    this.#failure = this.#reactor.callLater(0, () => this.connectionFailed(reason))
  }

  #lost(reason: Error): void {
    this.#state = 'disconnected'
    this.#transport = null
    this.#factory.clientConnectionLost(this, reason)
    this.#stopUnlessConnecting()
  }

  #settle(): void {
    this.#reactor.closed(this)
    if (this.#timer?.active()) this.#timer.cancel()
    if (this.#failure?.active()) this.#failure.cancel()
  }

  #stopUnlessConnecting(): void {
    if (this.#state !== 'disconnected') return
    this.#isStarted = false
    this.#factory.doStop()
  }
}

/** Connects a descriptor. Once connect(2) has been called, POLLOUT says that it is decided. */
export class PosixConnector extends Connector implements Selectable {
  readonly #reactor: PosixReactor
  #fd = -1
  #peer: Address | undefined

  constructor(
    reactor: PosixReactor,
    destination: Destination,
    factory: ClientFactory,
    timeout: number,
  ) {
    super(reactor, destination, factory, timeout)
    this.#reactor = reactor
  }

  fileno(): number {
    return this.#fd
  }

  doRead(): void {
    this.doWrite()
  }

  doWrite(): void {
    const errno = this.#reactor.posix.socketError(this.#fd)
    if (errno !== 0) {
      this.connectionFailed(connectError(new SystemError('connect', errno)))
      return
    }
    const accepted = { fd: this.#release(), peer: this.#peer! }
    this.established(new PosixTransport(this.#reactor, accepted))
  }

  protected open(): void {
    const { posix } = this.#reactor
    try {
      this.#peer = resolve(posix, this.destination)
      this.#fd = posix.socket(this.#peer.family, 'nonblocking')
      posix.setsockopt(this.#fd, 'TCP_NODELAY', 1)
      posix.connect(this.#fd, this.#peer)
      this.#reactor.addReader(this)
      this.#reactor.addWriter(this)
    } catch (error) {
      this.failSoon(connectError(toError(error)))
    }
  }

  protected cancel(): void {
    if (this.#fd >= 0) this.#reactor.posix.close(this.#release())
  }

  /** Takes the descriptor out of here. */
  #release(): number {
    this.#reactor.removeReader(this)
    this.#reactor.removeWriter(this)
    const fd = this.#fd
    this.#fd = -1
    return fd
  }
}

/** The first address of the host. Blocks for a name; the original asks a pool of threads. */
function resolve(posix: Posix, { host, port }: Destination): Address {
  const version = isIP(host)
  if (version !== 0) return { family: version === 6 ? 'IPv6' : 'IPv4', address: host, port }
  try {
    return { ...posix.getaddrinfo(host)[0]!, port }
  } catch (cause) {
    throw new DNSLookupError(`${host} has no address`, { cause })
  }
}
