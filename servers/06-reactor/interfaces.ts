/**
 * What do the parts of the framework know of each other? Only these interfaces, whose names are
 * those of Twisted's internet/interfaces.py without the I. A reactor has several of them: every
 * reactor has ReactorCore, ReactorTime and ReactorTcp, and only a reactor that waits on descriptors
 * has ReactorFdSet.
 *
 * The classes: Protocol, Factory and ClientFactory in protocol.ts have the names of their
 * interfaces, for users to extend. A Transport is a BaseTransport, a Connector a BaseConnector.
 */
import type { Server, Socket } from 'node:net'
import type { Address, Posix } from '../posix/api.ts'
import type { DelayedCall } from './delayed-call.ts'

/** A reactor that blocks returns the value itself, a reactor on Node's loop a promise of it. */
export type Awaitable<T> = T | Promise<T>

export type Phase = 'before' | 'during' | 'after'

/** IReactorCore: the life of a reactor, and its events. */
export interface ReactorCore {
  /**
   * Runs until `stop`. A reactor that blocks returns when it has stopped; until then no promise of
   * its thread goes on. On Node's event loop the returned promise resolves when it has stopped.
   * Rejects with ReactorAlreadyRunning or ReactorNotRestartable.
   */
  run(): Promise<void>

  /** Ends `run` after this pass, by way of the event `shutdown`. Throws ReactorNotRunning. */
  stop(): void

  /**
   * Makes one pass, which waits up to `delay` seconds for something to happen. Not for callbacks.
   */
  iterate(delay?: number): Promise<void>

  /** Calls `f` as soon as the reactor runs: at once if it runs already. */
  callWhenRunning(f: () => void): void

  /**
   * Has `f` called once, when an event is fired: `startup`, `shutdown` or one of the program's own.
   * All triggers of a phase come before those of the next. Returns what `removeSystemEventTrigger`
   * takes.
   */
  addSystemEventTrigger(phase: Phase, event: string, f: () => void): TriggerId
  /** Throws TypeError if the trigger was removed before or has fired. */
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

  /**
   * Calls `f` with `args` in `delay` seconds; with 0, in the next pass. Throws RangeError if the
   * delay is negative or not finite.
   */
  callLater<Args extends unknown[]>(
    delay: number,
    f: (...args: Args) => void,
    ...args: Args
  ): DelayedCall

  /** Calls `f` with `args` in the next pass, in the order of these calls. */
  callFromThread<Args extends unknown[]>(f: (...args: Args) => void, ...args: Args): void
}

/** IReactorTCP: servers and clients. */
export interface ReactorTcp {
  /**
   * Accepts connections on `port` (0: any free one) of the local address `interfaceAddress` ('':
   * all of IPv4) and has `factory` build a protocol for each. Throws CannotListenError.
   *
   * @param backlog how many connections may wait in the kernel; 50 unless given
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

/** IReactorFDSet: what is watched. Adding twice and removing what isn't there are allowed. */
export interface ReactorFdSet {
  addReader(selectable: Selectable): void
  removeReader(selectable: Selectable): void
  addWriter(selectable: Selectable): void
  removeWriter(selectable: Selectable): void
  getReaders(): Selectable[]
  getWriters(): Selectable[]
}

/** IReadWriteDescriptor: what a reactor that waits on descriptors calls. */
export interface Selectable {
  fileno(): number
  doRead(): void
  doWrite(): void

  /** The descriptor has failed, or the reactor stops: close the descriptor. */
  connectionLost(reason: Error): void

  /** If true, the reactor notices a hang-up even while it waits neither to read nor to write. */
  readonly noticesHangUp?: boolean
}

/** IListeningPort: a listening socket, which can be closed, opened again and paused. */
export interface ListeningPort {
  /** Listens again after `stopListening`. Throws CannotListenError. */
  startListening(): Awaitable<void>

  /** Closes the port in the next pass, and calls the factory's `doStop`. Open connections go on. */
  stopListening(): void

  getHost(): Address

  /** Builds no more protocols until `resumeProducing`. */
  pauseProducing(): void
  resumeProducing(): void

  /** The port's descriptor, on a reactor that waits on descriptors. */
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
  /** A port or a connector begins to use the factory. */
  doStart(): void
  /** A port or a connector no longer uses the factory. */
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
  /** Connects, for the first time or again. Throws unless the connector is disconnected. */
  connect(): void
  /** Gives up; `clientConnectionFailed` follows, with a UserError. Throws NotConnectingError. */
  stopConnecting(): void
  /** Ends the connection, or gives up making it. */
  disconnect(): void
}

/** ITCPTransport: what a protocol calls. Each method is described in transport.ts. */
export interface Transport extends Producer {
  readonly reactor: ReactorTime
  /** In bytes. With more than this unsent, a push producer is paused. */
  bufferSize: number
  /** How many bytes have been written and are not sent yet. */
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
  /** Adds what the reactor closes when it stops. Throws ReactorNotRunning from then on. */
  opened(closable: Closable): void
  closed(closable: Closable): void
}

/** What the posix ports, connectors and transports use of their reactor. */
export interface PosixParts extends ReactorParts, ReactorFdSet {
  readonly posix: Posix
}

/** What the Node ports, connectors and transports use of their reactor. */
export interface NodeParts extends ReactorParts {
  /** `run` ends only after this has been closed. */
  track(handle: Socket | Server): void
}
