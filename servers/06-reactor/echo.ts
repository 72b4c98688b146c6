/**
 * reactor: the program is a set of protocols that a framework calls, whenever there is something to
 * do.
 *
 * Where does it wait?                   In the reactor of your choice: poll, epoll or Node's loop.
 * Who calls whom?                       The reactor calls a transport, and that its protocol.
 * Where does a connection's state live? In its protocol; what several share lives in their factory.
 * What breaks it?                       A callback that blocks or computes for long: all wait.
 *
 * The framework is the rest of this folder, except echo-factory.ts, which keeps the promises that
 * concern all connections, and policies.ts, which ends a silent one.
 */
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import { EchoFactory } from './echo-factory.ts'
import { installReactor } from './install.ts'
import { TimeoutProtocol } from './policies.ts'

// #region Echo
class Echo extends TimeoutProtocol {
  declare factory: EchoFactory
  #conversation!: Conversation

  // #region accept
  override connectionMade(): void {
    const { options } = this.factory
    this.#conversation = new Conversation(createSession(options), options.highWater)
    this.factory.registerProtocol(this)
    this.#holdBack(options.highWater)
    this.setTimeout(options.idleTimeout / 1000)
  }
  // #endregion accept

  // #region backPressure
  /** The transport produces input, and is paused while too much output waits in it. */
  #holdBack(highWater: number): void {
    this.transport.bufferSize = highWater
    this.transport.registerProducer(this.transport, true)
  }
  // #endregion backPressure

  // #region read
  override dataReceived(chunk: Uint8Array): void {
    this.#reply(this.#conversation.receive(chunk))
  }

  override readConnectionLost(): void {
    this.#reply(this.#conversation.end())
  }
  // #endregion read

  // #region reply
  #reply(bytes: Uint8Array): void {
    this.transport.write(bytes)
    if (!this.#conversation.lingering) this.resetTimeout()
    this.#goOn()
  }
  // #endregion reply

  // #region end
  #goOn(): void {
    // The transport itself sends all that waits before it ends, so that nothing counts as unsent.
    const step = this.#conversation.next(0)
    if (step === 'go on') return
    this.transport.unregisterProducer()
    this.transport.resumeProducing()
    if (step === 'close') this.transport.loseConnection()
    else this.transport.loseWriteConnection()
  }

  /** Our FIN is sent and the client's is awaited: see Conversation. */
  override writeConnectionLost(): void {
    this.setTimeout(LINGER / 1000)
  }

  override connectionLost(reason: Error): void {
    this.setTimeout(Number.POSITIVE_INFINITY)
    this.factory.unregisterProtocol(this, reason)
  }
  // #endregion end

  // #region stop
  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.#conversation.finish()
    this.#goOn()
  }
  // #endregion stop
}
// #endregion Echo

export const serve: Serve = async (options, supervisor, posix) => {
  const reactor = await installReactor(options.reactor, posix)
  const factory = new EchoFactory(options, supervisor, reactor)
  factory.protocol = Echo
  const { address, backlog } = options
  const port = await reactor.listenTCP(address.port, factory, backlog, address.address)
  factory.port = port
  const closing = { stop: () => port.stopListening() }
  supervisor.listening(port.getHost(), port.fileno ? { listener: port.fileno() } : closing)
  await reactor.run()
}
