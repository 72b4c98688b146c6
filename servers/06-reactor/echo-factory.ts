/**
 * What do the connections of one server share? Its options, the count of open connections, and the
 * end of the server. Here the echo server keeps the promises that concern all connections.
 */
import type { Address } from '../posix/api.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { ConnectionClosed } from './errors.ts'
import type { ListeningPort, Reactor } from './interfaces.ts'
import { Factory, type Protocol } from './protocol.ts'

/** A protocol that can be told to end its connection. */
export interface Finishing extends Protocol {
  finish(): void
}

export class EchoFactory extends Factory {
  readonly options: ServeOptions
  /** The port that accepts the connections: paused while `maxConnections` are open. */
  port: ListeningPort | undefined
  readonly #supervisor: Supervisor
  readonly #reactor: Reactor
  readonly #protocols = new Map<Finishing, Address>()

  constructor(options: ServeOptions, supervisor: Supervisor, reactor: Reactor) {
    super()
    this.options = options
    this.#supervisor = supervisor
    this.#reactor = reactor
  }

  registerProtocol(protocol: Finishing): void {
    const peer = protocol.transport.getPeer()
    this.#protocols.set(protocol, peer)
    this.#supervisor.connected(peer)
    if (this.#protocols.size >= this.options.maxConnections) this.port?.pauseProducing()
  }

  unregisterProtocol(protocol: Finishing, reason: Error): void {
    const peer = this.#protocols.get(protocol)
    if (!peer) return
    this.#protocols.delete(protocol)
    this.#supervisor.disconnected(peer, reason instanceof ConnectionClosed ? reason.cause : reason)
    this.port?.resumeProducing()
    this.#stopWhenDone()
  }

  /** The port has been closed, so the server ends: each connection sends what it owes, and ends. */
  override stopFactory(): void {
    for (const protocol of this.#protocols.keys()) protocol.finish()
    this.#stopWhenDone()
  }

  #stopWhenDone(): void {
    if (this.numPorts === 0 && this.#protocols.size === 0) this.#reactor.stop()
  }
}
