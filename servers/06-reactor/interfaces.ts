/**
 * What the parts of the framework know of each other, as Twisted's internet/interfaces.py says it
 * for the original. A reactor is several interfaces: every reactor has ReactorCore, ReactorTime and
 * ReactorTcp, and only one that waits on descriptors has ReactorFdSet.
 *
 * The names are Twisted's without the I. Classes of the same names, for users to extend, are in
 * protocol.ts.
 */
import type { Server, Socket } from 'node:net'
import type { Address, Posix } from '../posix/api.ts'
import type { DelayedCall } from './delayed-call.ts'

/** A reactor that blocks gives the value itself, one on Node's event loop a promise of it. */
export type Awaitable<T> = T | Promise<T>

export type Phase = 'before' | 'during' | 'after'

/** IReactorCore: its life. */
export interface ReactorCore {
  /**
   * Runs until `stop`. A reactor that blocks returns when it has stopped (until then no promise of
   * its thread moves on); on Node's event loop the returned promise is the end.
   */
  run(): Promise<void>

  /** Ends `run` after this pass, by way of the event `shutdown`. Throws ReactorNotRunning. */
  stop(): void

  /**
   * One pass by hand, waiting up to `delay` seconds for something to happen. Not from a callback.
   */
  iterate(delay?: number): Promise<void>

  /** Calls `f` as soon as the reactor runs: now, if it does. */
  callWhenRunning(f: () => void): void

  /**
   * Has `f` called when an event is fired, once: `startup`, `shutdown` or one of the program's own.
   * All triggers of a phase come before those of the next. Returns what `removeSystemEventTrigger`
   * takes.
   */
  addSystemEventTrigger(phase: Phase, event: string, f: () => void): TriggerId
  removeSystemEventTrigger(id: TriggerId): void
  fireSystemEvent(event: string): void
}

export interface TriggerId {
  readonly phase: Phase
  readonly event: string
  readonly trigger: () => void
}

/** IReactorTime: all times are in seconds, fractions allowed. */
export interface ReactorTime {
  /** The reactor's clock, which only goes forward. */
  seconds(): number

  /** Calls `f` with `args` in `delay` seconds; with 0, in the next pass. */
  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => void,
    ...args: Args
  ): DelayedCall

  /** Calls `f` with `args` in the next pass, in the order of asking. */
  callFromThread<Args extends unknown[]>(f: (...args: Args) => void, ...args: Args): void
}

/** IReactorTCP. */
export interface ReactorTcp {
  /**
   * Accepts connections on `port` (0: any free one) of the local address `interfaceAddress` ('':
   * all of IPv4) and has `factory` build a protocol for each. Throws CannotListenError.
   *
   * @param backlog connections that wait in the kernel; 50 unless given
   */
  listenTCP(
    port: number,
    factory: Factory,
    backlog?: number,
    interfaceAddress?: string,
  ): Awaitable<ListeningPort>

  /** Connects to a host, by name or address, in at most `timeout` seconds, 30 unless given. */
  connectTCP(host: string, port: number, factory: ClientFactory, timeout?: number): Connector
}

export type Reactor = ReactorCore & ReactorTime & ReactorTcp

/** IReactorFDSet: what it waits on. Adding twice and removing what isn't there are allowed. */
export interface ReactorFdSet {
  addReader(selectable: Selectable): void
  removeReader(selectable: Selectable): void
  addWriter(selectable: Selectable): void
  removeWriter(selectable: Selectable): void
  getReaders(): Selectable[]
  getWriters(): Selectable[]
}

/** IReadWriteDescriptor: what such a reactor calls. */
export interface Selectable {
  fileno(): number
  doRead(): void
  doWrite(): void

  /** It has failed, or the reactor stops: let go of the descriptor. */
  connectionLost(reason: Error): void

  /** True: a hang-up is noticed even while it is neither read nor written. */
  readonly noticesHangUp?: boolean
}

/** IListeningPort: closes the door, or holds it. */
export interface ListeningPort {
  /** Opens it again after `stopListening`. Throws CannotListenError. */
  startListening(): Awaitable<void>

  /** Closes it: in the next pass the factory's `doStop` is called. Open connections go on. */
  stopListening(): void

  getHost(): Address

  /** Builds no more protocols until `resumeProducing`. */
  pauseProducing(): void
  resumeProducing(): void

  /** Its descriptor, on a reactor that waits on descriptors. */
  fileno?(): number
}

/**
 * IPushProducer and IPullProducer: an object that writes a lot to a transport. A push producer
 * (`streaming`) writes on its own until it is paused; a pull producer writes once each time it is
 * resumed.
 */
export interface Producer {
  pauseProducing(): void
  resumeProducing(): void
  /** The transport is lost: it takes no more bytes. */
  stopProducing(): void
}

/** IProtocol: what a transport calls. Its grammar is in protocol.ts. */
export interface Protocol {
  makeConnection(transport: Transport): void
  dataReceived(data: Uint8Array): void
  connectionLost(reason: Error): void
  /** IHalfCloseableProtocol: without these two, the peer's FIN ends the connection. */
  readConnectionLost?(): void
  writeConnectionLost?(): void
}

/** IProtocolFactory: what a port calls. */
export interface Factory {
  /** The protocol for a new connection; null closes it. */
  buildProtocol(peer: Address): Protocol | null
  /** A port or a connector begins to use the factory, and ends to. */
  doStart(): void
  doStop(): void
}

/** What a connector calls. */
export interface ClientFactory extends Factory {
  startedConnecting(connector: Connector): void
  clientConnectionFailed(connector: Connector, reason: Error): void
  clientConnectionLost(connector: Connector, reason: Error): void
}

/** Where a connector connects to. */
export interface Destination {
  readonly host: string
  readonly port: number
}

/** IConnector: a client's way to its connection. */
export interface Connector {
  getDestination(): Destination
  /** Connects, for the first time or again. */
  connect(): void
  /** Gives up; `clientConnectionFailed` follows. Throws NotConnectingError. */
  stopConnecting(): void
  /** Ends the connection, made or not. */
  disconnect(): void
}

/** ITCPTransport: what a protocol calls. Each method is described in transport.ts. */
export interface Transport extends Producer {
  readonly reactor: ReactorTime
  /** Bytes. With more than this unsent, a push producer is paused. */
  bufferSize: number
  /** Bytes that have been written and are not sent yet. */
  readonly unsent: number
  readonly disconnecting: boolean
  write(bytes: Uint8Array): void
  writeSequence(chunks: readonly Uint8Array[]): void
  loseConnection(): void
  abortConnection(): void
  loseWriteConnection(): void
  registerProducer(producer: Producer, streaming: boolean): void
  unregisterProducer(): void
  getPeer(): Address
  getHost(): Address
  setTcpNoDelay(enabled: boolean): void
}

/** What a reactor closes when it stops. */
export interface Closable {
  connectionLost(reason: Error): void
}

/** What ports, connectors and transports use of any reactor. */
export interface ReactorParts extends ReactorTime {
  /** `closable` is open, and has to be closed at the end. */
  opened(closable: Closable): void
  closed(closable: Closable): void
}

/** What they use of a reactor that waits on descriptors. */
export interface PosixParts extends ReactorParts, ReactorFdSet {
  readonly posix: Posix
}

/** What they use of a reactor on Node's event loop. */
export interface NodeParts extends ReactorParts {
  /** `run` returns after this has been closed. */
  track(handle: Socket | Server): void
}
