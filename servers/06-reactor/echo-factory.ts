import type { Address } from '../posix/api.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { ConnectionClosed } from './errors.ts'
import type { ListeningPort, Reactor } from './interfaces.ts'
import { Factory, type Protocol } from './protocol.ts'

/** A protocol that can be told to come to its end. */
export interface Finishing extends Protocol {
  finish(): void
}

/** What the connections of one server share: its options, their number, and closing time. */
export class EchoFactory extends Factory {
  readonly options: ServeOptions
  /** Where they come from: it is held while there are as many as may be. */
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

  /** The port has been closed: closing time. */
  override stopFactory(): void {
    for (const protocol of this.#protocols.keys()) protocol.finish()
    this.#stopWhenDone()
  }

  #stopWhenDone(): void {
    if (this.numPorts === 0 && this.#protocols.size === 0) this.#reactor.stop()
  }
}
