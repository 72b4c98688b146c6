/**
 * What happens to bytes that the kernel doesn't take at once, and when is a connection closed?
 * The bytes wait in the transport, which pauses their producer when there are too many; the close
 * waits until all are sent. How bytes get into and out of the socket is up to a subclass:
 * posix-transport.ts for a descriptor, node-transport.ts for a socket of Node.
 *
 *     stage     entered by                            writes    reads   lost
 *     open      the start                             taken     yes     at an error or a FIN
 *     closing   loseConnection                        taken     no      all sent, and no producer
 *     doomed    abortConnection, a send that failed   ignored   no      in the next pass
 *     lost      connectionLost, once                  ignored   no
 */
import { ByteQueue } from '../bytes/byte-queue.ts'
import type { Address } from '../posix/api.ts'
import { ConnectionAborted, ConnectionDone, ConnectionLost, toError } from './errors.ts'
import type { Producer, Protocol, ReactorParts, Transport } from './interfaces.ts'
import { log } from './log.ts'

export abstract class BaseTransport implements Transport {
  readonly reactor: ReactorParts
  /** With more than this number of bytes unsent a push producer is paused; at 0 it is resumed. */
  bufferSize = 65536
  /** Bytes that `trySend` has not taken yet. */
  protected readonly queue = new ByteQueue()
  #stage: 'open' | 'closing' | 'doomed' | 'lost' = 'open'
  #output: 'open' | 'ending' | 'ended' = 'open'
  #inputEnded = false
  #protocol: Protocol | null = null
  #onLost: ((reason: Error) => void) | undefined
  #producer: Producer | null = null
  #isStreaming = false
  #isPaused = false

  constructor(reactor: ReactorParts) {
    this.reactor = reactor
  }

  abstract getPeer(): Address
  abstract getHost(): Address
  abstract setTcpNoDelay(enabled: boolean): void

  /** How many bytes have been written and not been sent. */
  abstract get unsent(): number

  /** True from the moment at which this side has decided to end the connection. */
  get disconnecting(): boolean {
    return this.#stage !== 'open'
  }

  // #region write
  /**
   * Sends what the kernel takes at once and keeps the rest. Don't change `bytes` afterwards.
   */
  write(bytes: Uint8Array): void {
    if (!this.#takesWrites || bytes.length === 0) return
    const sent = this.queue.length === 0 ? this.trySend(bytes) : 0
    if (sent < bytes.length) this.queue.push(bytes.subarray(sent))
    if (this.queue.length > 0) this.startWriting()
    if (this.#producer) this.#pace()
  }
  // #endregion write

  /** Writes several chunks as one. */
  writeSequence(chunks: readonly Uint8Array[]): void {
    this.write(Buffer.concat(chunks))
  }

  /** Sends what waits, waits for a registered producer to be unregistered, and closes. */
  loseConnection(): void {
    if (this.#stage !== 'open') return
    this.#stage = 'closing'
    this.stopReading()
    this.#flushSoon()
  }

  /** Closes at once with a reset: what waits is thrown away, here and in the kernel. */
  abortConnection(): void {
    this.#doom(new ConnectionAborted())
  }

  /**
   * Sends what waits, waits for a registered producer to be unregistered, and sends the FIN.
   * Reading goes on.
   */
  loseWriteConnection(): void {
    if (this.#stage !== 'open' || this.#output !== 'open') return
    this.#output = 'ending'
    this.#flushSoon()
  }

  /** Pauses and resumes `producer` from now on: see Producer. Throws if there is one already. */
  registerProducer(producer: Producer, streaming: boolean): void {
    if (this.#producer) throw new Error('a producer is registered already: unregister it first')
    if (!this.#isAlive) {
      producer.stopProducing()
      return
    }
    this.#producer = producer
    this.#isStreaming = streaming
    this.#isPaused = false
    if (!streaming) producer.resumeProducing()
  }

  unregisterProducer(): void {
    this.#producer = null
    this.#flushSoon()
  }

  /** Stops reading: the transport is itself a producer, of what its peer sends. */
  pauseProducing(): void {
    this.stopReading()
  }

  resumeProducing(): void {
    if (this.#stage === 'open' && !this.#inputEnded) this.startReading()
  }

  stopProducing(): void {
    this.loseConnection()
  }

  /** Called by a port or a connector: hands the connection to `protocol`. `onLost` comes last. */
  begin(protocol: Protocol, onLost?: (reason: Error) => void): void {
    this.#protocol = protocol
    this.#onLost = onLost
    this.reactor.opened(this)
    this.startReading()
    this.#callback(() => protocol.makeConnection(this))
  }

  /** The connection is over: closes the socket and tells the protocol, once. */
  connectionLost(reason: Error): void {
    if (this.#stage === 'lost') return
    this.#stage = 'lost'
    const [producer, protocol, onLost] = [this.#producer, this.#protocol, this.#onLost]
    this.#producer = this.#protocol = null
    this.#onLost = undefined
    this.queue.clear()
    this.reactor.closed(this)
    this.closeSocket(reason instanceof ConnectionAborted)
    if (producer) log.guard(() => producer.stopProducing())
    if (protocol) log.guard(() => protocol.connectionLost(reason))
    if (onLost) log.guard(() => onLost(reason))
  }

  /** Passes bytes to the socket; returns how many it took. Errors are passed to `sendFailed`. */
  protected abstract trySend(bytes: Uint8Array): number
  protected abstract startReading(): void
  protected abstract stopReading(): void
  /** Has `flush` called when the socket takes bytes again, until `stopWriting`. */
  protected abstract startWriting(): void
  protected abstract stopWriting(): void
  protected abstract sendFin(): void
  protected abstract closeSocket(reset: boolean): void

  protected received(data: Uint8Array): void {
    if (this.#stage !== 'open') return
    try {
      this.#protocol?.dataReceived(data)
    } catch (error) {
      this.connectionLost(toError(error))
    }
  }

  /** The peer has sent its FIN. */
  protected inputEnded(): void {
    const protocol = this.#protocol
    if (!protocol || this.#stage !== 'open') return
    this.#inputEnded = true
    this.stopReading()
    if (protocol.readConnectionLost) this.#callback(() => protocol.readConnectionLost?.())
    else this.connectionLost(new ConnectionDone())
  }

  /** A send has failed, perhaps inside `write`: the connection is lost, but on a fresh stack. */
  protected sendFailed(cause: unknown): void {
    this.#doom(new ConnectionLost(cause))
  }

  // #region flush
  /** The socket takes bytes again, or something waits for all of them to be sent. */
  protected flush(): void {
    if (this.queue.length > 0) this.queue.drop(this.trySend(this.queue.peek()))
    if (this.unsent > 0 || !this.#isAlive) return
    this.stopWriting()
    if (this.#producer) this.#resumeProducer(this.#producer)
    else if (this.#stage === 'closing') this.connectionLost(new ConnectionDone())
    else if (this.#output === 'ending') this.#endOutput()
  }
  // #endregion flush

  get #isAlive(): boolean {
    return this.#stage === 'open' || this.#stage === 'closing'
  }

  get #takesWrites(): boolean {
    return this.#isAlive && this.#output !== 'ended'
  }

  /** After a write a push producer may have to pause, and a pull producer is asked again. */
  #pace(): void {
    if (!this.#isStreaming) {
      this.startWriting()
    } else if (!this.#isPaused && this.unsent > this.bufferSize) {
      this.#isPaused = true
      this.#producer?.pauseProducing()
    }
  }

  #resumeProducer(producer: Producer): void {
    if (this.#isStreaming && !this.#isPaused) return
    this.#isPaused = false
    this.#callback(() => producer.resumeProducing())
  }

  #endOutput(): void {
    this.#output = 'ended'
    this.sendFin()
    this.#callback(() => this.#protocol?.writeConnectionLost?.())
  }

  /**
   * Flushes in the next pass: this may run inside a callback, and `connectionLost` is never called
   * inside another callback.
   */
  #flushSoon(): void {
    const hasEnd = this.#stage === 'closing' || this.#output === 'ending'
    if (hasEnd) this.reactor.callLater(0, () => this.flush())
  }

  #doom(reason: Error): void {
    if (this.#stage === 'doomed' || this.#stage === 'lost') return
    this.#stage = 'doomed'
    this.stopReading()
    this.stopWriting()
    this.reactor.callLater(0, () => this.connectionLost(reason))
  }

  #callback(f: () => void): void {
    try {
      f()
    } catch (error) {
      this.connectionLost(toError(error))
    }
  }
}
