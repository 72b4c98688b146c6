/**
 * What keeps the promises of a connection, in the framework's own terms: back pressure is
 * `readable`, and an ending is an event after which nothing is left to send. The bytes stand in
 * echo.ts, which adds the callbacks of AsyncChat. asyncore's connection.ts differs from this file
 * only in what it is given: chunks, where this one is given whole lines.
 */
import type { SocketMap } from '../04-asyncore/loop.ts'
import { Upkeep } from '../04-asyncore/upkeep.ts'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { NOTHING } from '../bytes/bytes.ts'
import type { Accepted } from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { Conversation } from '../protocol/conversation.ts'
import { createRule, createSession } from '../protocol/protocols.ts'
import type { Session } from '../protocol/session.ts'
import type { ServeOptions } from '../server.ts'
import { AsyncChat } from './async-chat.ts'

/** The most that is read at once, in bytes. */
const CHUNK = 65536

/** Called with a connection that is over, and with the reason if the two sides did not end it. */
export type Gone = (connection: Connection, error?: unknown) => void

export abstract class Connection extends AsyncChat {
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  /** The line so far. */
  protected readonly line = new ByteQueue()
  protected readonly conversation: Conversation
  readonly #upkeep: Upkeep<Connection>
  readonly #gone: Gone

  /** @param gone called once, when the connection has been closed */
  constructor(
    options: ServeOptions,
    map: SocketMap,
    { fd, peer }: Accepted,
    deadlines: Deadlines<Connection>,
    gone: Gone,
  ) {
    super(map, fd)
    this.addr = peer
    this.conversation = new Conversation(this.#session(options), options.highWater)
    this.#upkeep = new Upkeep<Connection>(options, this, this.conversation, deadlines)
    this.#gone = gone
  }

  // #region backPressure
  /** False while too much waits to be sent: then the peer is not read from. */
  override readable(): boolean {
    return this.conversation.wantsRead(this.unsent)
  }
  // #endregion backPressure

  override writable(): boolean {
    return super.writable() || this.#upkeep.isFinishing
  }

  override handleReadEvent(): void {
    this.#upkeep.stayAlive()
    super.handleReadEvent()
    this.#settle()
  }

  override handleWriteEvent(): void {
    this.#upkeep.stayAlive()
    super.handleWriteEvent()
    this.#settle()
  }

  // #region end
  /** Without an error it is the peer's FIN, or a hang-up: both sides have sent theirs. */
  override handleClose(error?: unknown): void {
    if (error === undefined && !this.ended) this.#drain()
    if (error === undefined && this.ended) {
      this.push(this.conversation.end())
      this.#settle()
    } else {
      this.#leave(error)
    }
  }

  override handleError(error: unknown): void {
    this.#leave(error)
  }

  /** Its deadline has passed. */
  expire(): void {
    this.#leave()
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.stopAnswering()
    this.#upkeep.finish()
  }

  /** No more is answered: from here on input is collected as it comes, and thrown away. */
  protected stopAnswering(): void {
    this.conversation.finish()
    this.setTerminator(null)
  }

  #settle(): void {
    if (this.fd >= 0 && !this.#upkeep.settle(this.unsent)) this.#leave()
  }

  #leave(error?: unknown): void {
    if (this.fd < 0) return
    this.close()
    this.#gone(this, error)
  }

  /**
   * A hang-up comes with the peer's FIN, and overtakes input before it that is not read yet. To
   * close now would send a reset. The rest of the input is finite: at the FIN, `recv` calls
   * handleClose again.
   */
  #drain(): void {
    while (this.recv(CHUNK).length > 0) {}
  }
  // #endregion end

  protected takeLine(): Uint8Array {
    const line = this.line.peek()
    this.line.clear()
    return line
  }

  /** The chat finds the lines, so that its session has nothing to do but to reply. */
  #session(options: ServeOptions): Session {
    const reply = createRule(options.protocol)
    // A protocol that is not made of lines gets its bytes as they come, as in every other model.
    if (!reply) return createSession(options)
    const end = () => (this.line.length === 0 ? NOTHING : reply(this.takeLine()))
    return { receive: reply, end, finished: false }
  }
}
