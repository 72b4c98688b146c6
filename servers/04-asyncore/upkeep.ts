import { SHUT_WR } from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { type Conversation, LINGER } from '../protocol/conversation.ts'
import type { ServeOptions } from '../server.ts'
import type { SocketMap } from './loop.ts'

/** A channel with a deadline: when it is closed if no byte comes or goes before. See Deadlines. */
export interface Mortal {
  readonly fd: number
  readonly map: SocketMap
  deadline: number
}

/**
 * What a connection needs beside its handlers to keep the promises, the same for asyncore and for
 * asynchat: its deadline, and the next step of its conversation.
 */
export class Upkeep<Channel extends Mortal> {
  readonly #channel: Channel
  readonly #conversation: Conversation
  readonly #deadlines: Deadlines<Channel>
  readonly #idleTimeout: number
  /** Closing time has come, and the next step is to be made. */
  isFinishing = false

  constructor(
    { idleTimeout }: ServeOptions,
    channel: Channel,
    conversation: Conversation,
    deadlines: Deadlines<Channel>,
  ) {
    this.#channel = channel
    this.#conversation = conversation
    this.#deadlines = deadlines
    this.#idleTimeout = idleTimeout
    this.stayAlive()
  }

  // #region idle
  /** Bytes come or go. A lingering connection has its last deadline, which no byte moves. */
  stayAlive(): void {
    if (!this.#conversation.lingering) this.#deadlines.set(this.#channel, this.#idleTimeout)
  }
  // #endregion idle

  // #region end
  /** Takes the step that is due; `unsent` in bytes. Returns false if the connection is over. */
  settle(unsent: number): boolean {
    this.isFinishing = false
    const step = this.#conversation.next(unsent)
    if (step === 'send FIN') {
      this.#channel.map.posix.shutdown(this.#channel.fd, SHUT_WR)
      this.#deadlines.set(this.#channel, LINGER)
    }
    return step !== 'close'
  }
  // #endregion end

  // #region stop
  /**
   * Closing time: what is owed is still sent, and no more is answered. The step itself is made in
   * the channel's next handler, since sending the FIN may fail, and a handler's errors are caught.
   */
  finish(): void {
    this.#conversation.finish()
    this.isFinishing = true
  }
  // #endregion stop
}
