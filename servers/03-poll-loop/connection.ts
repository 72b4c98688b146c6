/**
 * One client of the poll loop: what its socket is waited for, and what is done when it is ready.
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
  WOULD_BLOCK,
} from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { ServeOptions } from '../server.ts'

/** One for all: the loop reads from one socket at a time, and leaves nothing in here. */
const buffer = new Uint8Array(65536)

export class Connection {
  readonly fd: number
  readonly peer: Address
  /** The data that waits for this socket: replies that the kernel would not take yet. */
  readonly waiting = new ByteQueue()
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  readonly #posix: Posix
  readonly #conversation: Conversation
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
    this.#posix = posix
    this.#conversation = new Conversation(createSession(options), options.highWater)
    this.#deadlines = deadlines
    this.#idleTimeout = options.idleTimeout
    deadlines.set(this, this.#idleTimeout)
  }

  // #region interest
  /** What to wait for now: input unless too much output waits, and output if any does. */
  get interest(): number {
    const input = this.#conversation.wantsRead(this.waiting.length) ? POLLIN : 0
    const output = this.waiting.length > 0 ? POLLOUT : 0
    return input | output
  }
  // #endregion interest

  /** Does what the socket is ready for. Returns false once all is done, throws if it has failed. */
  handle(events: number): boolean {
    if (events & POLLERR) throw new SystemError('poll', this.#posix.socketError(this.fd))
    // A lingering connection has its last deadline, and moves it by nothing it says.
    if (!this.#conversation.lingering) this.#deadlines.set(this, this.#idleTimeout)
    if (events & (POLLIN | POLLHUP)) this.#read()
    if (events & POLLOUT) this.#write()
    return this.#settle()
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.#conversation.finish()
  }

  // #region bytes
  #read(): void {
    const count = this.#posix.recv(this.fd, buffer)
    if (count === WOULD_BLOCK) return
    if (count === 0) this.#reply(this.#conversation.end())
    else this.#reply(this.#conversation.receive(buffer.subarray(0, count)))
  }

  /** Nearly always the kernel takes a reply at once; POLLOUT is for what it does not take. */
  #reply(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    const sent = this.waiting.length === 0 ? this.#send(bytes) : 0
    if (sent < bytes.length) this.waiting.push(bytes.subarray(sent))
  }

  #write(): void {
    this.waiting.drop(this.#send(this.waiting.peek()))
  }

  #send(bytes: Uint8Array): number {
    const sent = this.#posix.send(this.fd, bytes)
    return sent === WOULD_BLOCK ? 0 : sent
  }
  // #endregion bytes

  #settle(): boolean {
    const step = this.#conversation.next(this.waiting.length)
    if (step === 'send FIN') {
      this.#posix.shutdown(this.fd, SHUT_WR)
      this.#deadlines.set(this, LINGER)
    }
    return step !== 'close'
  }
}
