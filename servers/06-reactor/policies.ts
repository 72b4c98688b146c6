/**
 * How does a connection end when its peer is silent? By a timeout that starts again with every sign
 * of life: Twisted's TimeoutMixin. Each message costs an assignment only: see DelayedCall.
 */
import type { DelayedCall } from './delayed-call.ts'
import { Protocol } from './protocol.ts'

/** A protocol that ends when it is idle. JavaScript has no mixins, so this is a class to extend. */
export abstract class TimeoutProtocol extends Protocol {
  #period = Number.POSITIVE_INFINITY
  #call: DelayedCall | undefined
  #unsent = 0

  // #region idle
  /** Calls `timeoutConnection` after `seconds` without a `resetTimeout`; Infinity: never. */
  setTimeout(seconds: number): void {
    if (this.#call?.active()) this.#call.cancel()
    this.#period = seconds
    this.#call = undefined
    if (seconds === Number.POSITIVE_INFINITY) return
    this.#unsent = this.transport.unsent
    this.#call = this.transport.reactor.callLater(seconds, () => this.#expire())
  }

  /** The peer is alive: the time starts again. */
  resetTimeout(): void {
    if (!this.#call?.active()) return
    this.#unsent = this.transport.unsent
    this.#call.reset(this.#period)
  }
  // #endregion idle

  /**
   * The time has passed. Ends the connection, and waits neither for its producer nor for its peer
   * to read.
   */
  timeoutConnection(): void {
    this.transport.unregisterProducer()
    if (this.transport.unsent > 0) this.transport.abortConnection()
    else this.transport.loseConnection()
  }

  /** A peer that was silent but has taken some of what waited for it has not been idle. */
  #expire(): void {
    if (this.transport.unsent < this.#unsent) this.setTimeout(this.#period)
    else this.timeoutConnection()
  }
}
