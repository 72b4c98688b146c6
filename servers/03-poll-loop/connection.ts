/**
 * One client of the poll loop, without its bytes: when its time is over, and how it ends. What is
 * read and what is sent stands in echo.ts.
 */

import { ByteQueue } from '../bytes/byte-queue.ts'
import {
  type Accepted,
  type Address,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  type Posix,
  SHUT_WR,
  SystemError,
} from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { ServeOptions } from '../server.ts'

export abstract class Connection {
  readonly fd: number
  readonly peer: Address
  /** The data that waits for this socket: replies that the kernel would not take yet. */
  readonly waiting = new ByteQueue()
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  protected readonly posix: Posix
  protected readonly conversation: Conversation
  readonly #deadlines: Deadlines<Connection>
  readonly #idleTimeout: number

  constructor(
    options: ServeOptions,
    posix: Posix,
    { fd, peer }: Accepted,
    deadlines: Deadlines<Connection>,
  ) {
    this.fd = fd
    this.peer = peer
    this.posix = posix
    this.conversation = new Conversation(createSession(options), options.highWater)
    this.#deadlines = deadlines
    this.#idleTimeout = options.idleTimeout
    this.#stayAlive()
  }

  /** The events that the loop waits for on its behalf, POLLIN and POLLOUT or neither. */
  abstract get interest(): number
  /** The socket is readable. */
  protected abstract read(): void
  /** The socket takes bytes again. */
  protected abstract write(): void

  /** Does what the socket is ready for. Returns false once all is done, throws if it has failed. */
  handle(events: number): boolean {
    if (events & POLLERR) throw new SystemError('poll', this.posix.socketError(this.fd))
    this.#stayAlive()
    if (events & (POLLIN | POLLHUP)) this.read()
    if (events & POLLOUT) this.write()
    return this.#settle()
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.conversation.finish()
  }

  // #region end
  /** Takes the step of the conversation that is due. Returns false if it is the last one. */
  #settle(): boolean {
    const step = this.conversation.next(this.waiting.length)
    if (step === 'send FIN') {
      this.posix.shutdown(this.fd, SHUT_WR)
      this.#deadlines.set(this, LINGER)
    }
    return step !== 'close'
  }
  // #endregion end

  // #region idle
  /** Bytes come or go. A lingering connection has its last deadline, which no byte moves. */
  #stayAlive(): void {
    if (!this.conversation.lingering) this.#deadlines.set(this, this.#idleTimeout)
  }
  // #endregion idle
}
