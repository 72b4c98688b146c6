/**
 * What does a user of the framework write? Classes that extend these: a protocol, one object per
 * connection, and a factory, which builds the protocols and keeps what they share. The methods are
 * called in this order:
 *
 *     protocol   connectionMade → (dataReceived | readConnectionLost | writeConnectionLost)*
 *                → connectionLost
 *     factory    startFactory → buildProtocol* → stopFactory
 *
 * Every call comes from the reactor on a fresh stack: none comes from inside a call of the
 * transport, and `connectionLost` comes exactly once. What a callback throws ends its connection
 * and is the reason.
 */
import type { Address } from '../posix/api.ts'
import { ConnectionClosed } from './errors.ts'
import type * as interfaces from './interfaces.ts'
import type { Connector, Transport } from './interfaces.ts'
import { log } from './log.ts'

export class Protocol implements interfaces.Protocol {
  /** The connection: where to write, and how to end it. */
  transport!: Transport
  factory: Factory | undefined
  connected = false

  makeConnection(transport: Transport): void {
    this.connected = true
    this.transport = transport
    this.connectionMade()
  }

  /** The transport is ready. */
  connectionMade(): void {}

  /** Bytes have come, cut anywhere. They are valid until this returns: copy what you keep. */
  dataReceived(_data: Uint8Array): void {}

  /**
   * The connection is over. `reason` is a ConnectionClosed, or an error that a callback threw,
   * which is logged here.
   */
  connectionLost(reason: Error): void {
    if (!(reason instanceof ConnectionClosed)) log.err(reason)
  }

  /**
   * The peer has sent its FIN: no more bytes will come, and writing goes on. In a protocol without
   * this method `connectionLost` is called instead, and what it still had to send is lost.
   */
  readConnectionLost?(): void

  /** After `loseWriteConnection`: everything has been sent, and then our FIN. */
  writeConnectionLost?(): void
}

export class Factory implements interfaces.Factory {
  /** What `buildProtocol` builds, unless that is overridden. */
  protocol: (new () => Protocol) | undefined
  /** How many ports and connectors use it. */
  numPorts = 0

  /** A factory for protocols that need nothing from it. */
  static forProtocol<F extends Factory>(this: new () => F, protocol: new () => Protocol): F {
    const factory = new this()
    factory.protocol = protocol
    return factory
  }

  /** The protocol for a new connection; null closes it. */
  buildProtocol(_peer: Address): Protocol | null {
    if (!this.protocol) throw new TypeError('a factory needs a protocol or its own buildProtocol')
    const protocol = new this.protocol()
    protocol.factory = this
    return protocol
  }

  /** The first port is about to listen, or the first connector to connect. */
  startFactory(): void {}

  /** The last port is closed, or the last connector is done. Connections may still be open. */
  stopFactory(): void {}

  /** Called by ports and connectors. */
  doStart(): void {
    if (this.numPorts === 0) this.startFactory()
    this.numPorts += 1
  }

  /** Called by ports and connectors. */
  doStop(): void {
    if (this.numPorts === 0) return
    this.numPorts -= 1
    if (this.numPorts === 0) this.stopFactory()
  }
}

/** A client connects again by calling `connector.connect()` in one of the last two methods. */
export class ClientFactory extends Factory implements interfaces.ClientFactory {
  startedConnecting(_connector: Connector): void {}
  clientConnectionFailed(_connector: Connector, _reason: Error): void {}
  clientConnectionLost(_connector: Connector, _reason: Error): void {}
}
