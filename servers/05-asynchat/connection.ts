/**
 * What a server owes a connection beside its protocol, in the framework's own terms: back pressure
 * is `readable`, an ending is an event after which nothing is left to send. A subclass adds the
 * callbacks of AsyncChat. Its sibling in asyncore differs only in who frames: here the session is
 * given whole lines.
 */
import type { SocketMap } from '../04-asyncore/loop.ts'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { type Address, SHUT_WR } from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createRule, createSession } from '../protocol/protocols.ts'
import { NOTHING, type Session } from '../protocol/session.ts'
import type { ServeOptions } from '../server.ts'
import { AsyncChat } from './async-chat.ts'

export abstract class Connection extends AsyncChat {
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  /** The line so far. */
  protected readonly line = new ByteQueue()
  readonly #conversation: Conversation
  readonly #deadlines: Deadlines<Connection>
  readonly #idleTimeout: number
  readonly #gone: (connection: Connection, error?: unknown) => void
  /** Closing time has come, and the next step is to be made. */
  #finishing = false

  /** @param gone called once, when the connection has been closed */
  constructor(
    map: SocketMap,
    accepted: { fd: number; peer: Address },
    options: ServeOptions,
    deadlines: Deadlines<Connection>,
    gone: (connection: Connection, error?: unknown) => void,
  ) {
    super(map, accepted.fd)
    this.addr = accepted.peer
    this.#conversation = new Conversation(this.#session(options), options.highWater)
    this.#deadlines = deadlines
    this.#idleTimeout = options.idleTimeout
    this.#gone = gone
    this.#touch()
  }

  // #region backPressure
  /** False while too much waits to be sent: then the peer is not read from. */
  override readable(): boolean {
    return this.#conversation.wantsRead(this.unsent)
  }
  // #endregion backPressure

  override writable(): boolean {
    return super.writable() || this.#finishing
  }

  override handleReadEvent(): void {
    this.#touch()
    super.handleReadEvent()
    this.#settle()
  }

  override handleWriteEvent(): void {
    this.#touch()
    super.handleWriteEvent()
    this.#settle()
  }

  /** Without an error it is the peer's FIN, or a hang-up: both sides have sent theirs. */
  override handleClose(error?: unknown): void {
    if (error === undefined && !this.ended) this.#drain()
    if (error === undefined && this.ended) {
      this.push(this.#conversation.end())
      this.#settle()
    } else {
      this.#leave(error)
    }
  }

  override handleError(error: unknown): void {
    this.#leave(error)
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.stopAnswering()
    // Sending the FIN may fail, and belongs into a handler of this channel.
    this.#finishing = true
  }

  /** Its deadline has passed. */
  expire(): void {
    this.#leave()
  }

  /** Answers a whole line, its newline included, or without lines any bytes. */
  protected answer(bytes: Uint8Array): void {
    this.push(this.#conversation.receive(bytes))
  }

  /** No more is answered: from here on input is collected as it comes, and thrown away. */
  protected stopAnswering(): void {
    this.#conversation.finish()
    this.setTerminator(null)
  }

  protected takeLine(): Uint8Array {
    const line = this.line.peek()
    this.line.clear()
    return line
  }

  /** The chat frames, so that its session has nothing to do but to reply. */
  #session(options: ServeOptions): Session {
    const reply = createRule(options.protocol)
    // What is not made of lines frames for itself, here as everywhere.
    if (!reply) return createSession(options)
    const end = () => (this.line.length === 0 ? NOTHING : reply(this.takeLine()))
    return { receive: reply, end, finished: false }
  }

  #touch(): void {
    // A lingering connection has its last deadline, and moves it by nothing it says.
    if (this.#conversation.lingering) return
    // The loop has waited inside `loop`, out of our sight: the clock is read here.
    this.#deadlines.tick()
    this.#deadlines.set(this, this.#idleTimeout)
  }

  #settle(): void {
    if (this.fd < 0) return
    this.#finishing = false
    const step = this.#conversation.next(this.unsent)
    if (step === 'close') this.#leave()
    if (step !== 'send FIN') return
    this.map.posix.shutdown(this.fd, SHUT_WR)
    this.#deadlines.set(this, LINGER)
  }

  #leave(error?: unknown): void {
    if (this.fd < 0) return
    this.close()
    this.#gone(this, error)
  }

  /**
   * A hang-up comes with the peer's FIN, and overtakes input before it that is not read yet. To
   * close now would send a reset. What is left is finite: at the FIN, `recv` calls handleClose
   * again.
   */
  #drain(): void {
    while (this.recv(this.acInBufferSize).length > 0) {}
  }
}
