/**
 * How does a descriptor connect without blocking? connect(2) only begins it. When poll(2) reports
 * the descriptor as writable, the connection is made or has failed, and SO_ERROR says which.
 */
import { isIP } from 'node:net'
import { type Address, type Posix, SystemError } from '../posix/api.ts'
import { BaseConnector } from './connector.ts'
import { connectError, DNSLookupError, toError } from './errors.ts'
import type { ClientFactory, Destination, PosixParts, Selectable } from './interfaces.ts'
import { PosixTransport } from './posix-transport.ts'

export class PosixConnector extends BaseConnector implements Selectable {
  readonly #reactor: PosixParts
  #fd = -1
  #peer: Address | undefined

  constructor(
    reactor: PosixParts,
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

  /** Called for a failed connection: the reactor reports POLLERR and POLLHUP to a reader. */
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

  /** No longer watches the descriptor, which the caller closes or hands on. */
  #release(): number {
    this.#reactor.removeReader(this)
    this.#reactor.removeWriter(this)
    const fd = this.#fd
    this.#fd = -1
    return fd
  }
}

/** The first address of the host. Looking a name up blocks; Twisted uses a pool of threads. */
function resolve(posix: Posix, { host, port }: Destination): Address {
  const version = isIP(host)
  if (version !== 0) return { family: version === 6 ? 'IPv6' : 'IPv4', address: host, port }
  try {
    return { ...posix.getaddrinfo(host)[0]!, port }
  } catch (cause) {
    throw new DNSLookupError(`${host} has no address`, { cause })
  }
}
