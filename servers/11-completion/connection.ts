/**
 * One client of the proactor, without its bytes: which operations are in flight for it, and how it
 * ends. What is read and what is sent stands in echo.ts.
 *
 * Two operations are in flight at most: a recv, while reading is wanted, and the send of one block,
 * or in its place the shutdown. What can't be sent yet waits. The end is in steps: all operations
 * are cancelled, all have completed, the descriptor is closed.
 */
import { constants } from 'node:os'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { type Accepted, type Address, SHUT_WR, SystemError } from '../posix/api.ts'
import type { Deadlines } from '../posix/deadlines.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { ServeOptions } from '../server.ts'
import { BLOCK, NONE } from './blocks.ts'
import { BUFFER, MORE, type Operation, type Proactor } from './proactor.ts'

const { ECANCELED, ENOBUFS } = constants.errno

/** Called once, when the descriptor is closed. `error` says why, if the two sides did not end it. */
export type Gone = (connection: Connection, error?: unknown) => void

export abstract class Connection {
  readonly peer: Address
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  protected readonly proactor: Proactor
  protected readonly conversation: Conversation
  /** Replies that wait for the send in flight. */
  protected readonly waiting = new ByteQueue()
  /** The block that is being sent, NONE if none is, and its bytes that are not sent yet. */
  protected block = NONE
  protected from = 0
  protected to = 0
  readonly #fd: number
  readonly #deadlines: Deadlines<Connection>
  readonly #idleTimeout: number
  readonly #gone: Gone
  /** What is in flight: NONE, or its number. */
  #recv: Operation = NONE
  #send: Operation = NONE
  #shutdown: Operation = NONE
  /** The recv in flight has been cancelled, and has not completed yet. */
  #isPausing = false
  #end: 'no' | 'cancelling' | 'closing' = 'no'
  #error: unknown

  constructor(
    options: ServeOptions,
    proactor: Proactor,
    { fd, peer }: Accepted,
    deadlines: Deadlines<Connection>,
    gone: Gone,
  ) {
    this.#fd = fd
    this.peer = peer
    this.proactor = proactor
    this.conversation = new Conversation(createSession(options), options.highWater)
    this.#deadlines = deadlines
    this.#idleTimeout = options.idleTimeout
    this.#gone = gone
    this.#stayAlive()
    this.goOn()
  }

  /** Whether a recv is to be in flight. */
  protected abstract get wantsRead(): boolean
  /** The kernel has put `count` bytes into a block; 0 at the end of the client's stream. */
  protected abstract received(block: number, count: number): void
  /** The kernel has sent `count` bytes of the block that is being sent. */
  protected abstract sent(count: number): void

  /** Bytes that the client is owed and that are not sent yet. */
  protected get unsent(): number {
    return this.to - this.from + this.waiting.length
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.conversation.finish()
    this.goOn()
  }

  /**
   * Sends the bytes `from` to `to` of a block. From here to its completion the block belongs to the
   * kernel: nothing is written there.
   */
  protected send(block: number, from: number, to: number): void {
    this.block = block
    this.from = from
    this.to = to
    this.#send = this.proactor.send(this.#fd, block, from, to, this.#sent)
  }

  /** The block is sent, or its rest is given up. */
  protected giveBlock(): void {
    this.proactor.blocks.give(this.block)
    this.block = NONE
    this.from = this.to
  }

  // #region completed
  /** The kernel has filled a block, which is ours now, or the recv has ended. */
  readonly #received = (result: number, flags: number): void => {
    if ((flags & MORE) === 0) {
      this.#recv = NONE
      this.#isPausing = false
    }
    const block = flags & BUFFER ? this.proactor.blocks.claim(flags) : NONE
    try {
      if (this.#end === 'no') this.#take(result, block)
    } catch (error) {
      this.close(error)
    }
    // If it isn't on its way back to the client, nobody needs it any more.
    if (block !== NONE && block !== this.block) this.proactor.blocks.give(block)
    this.goOn()
  }

  #take(result: number, block: number): void {
    // A pause has begun, or no block was free: if reading is still wanted, a recv is submitted anew.
    if (result === -ECANCELED || result === -ENOBUFS) return
    if (result < 0) throw new SystemError('recv', -result)
    this.#stayAlive()
    this.received(block, result)
  }

  readonly #sent = (result: number): void => {
    this.#send = NONE
    if (result < 0) this.close(new SystemError('send', -result))
    if (this.#end === 'no') {
      this.#stayAlive()
      this.sent(result)
    } else {
      this.giveBlock()
    }
    this.goOn()
  }

  readonly #shutDown = (result: number): void => {
    this.#shutdown = NONE
    if (result < 0) this.close(new SystemError('shutdown', -result))
    this.goOn()
  }
  // #endregion completed

  /** Something has changed: submits what is to be done now. */
  protected goOn(): void {
    if (this.#end === 'no') this.#converse()
    if (this.#end === 'cancelling') this.#closeWhenIdle()
  }

  #converse(): void {
    if (this.block === NONE && this.waiting.length > 0) this.#sendWaiting()
    const step = this.conversation.next(this.unsent)
    if (step === 'send FIN') {
      this.#shutdown = this.proactor.shutdown(this.#fd, SHUT_WR, this.#shutDown)
      this.#deadlines.set(this, LINGER)
    }
    if (step === 'close') this.close()
    else this.#read(this.wantsRead)
  }

  #sendWaiting(): void {
    const bytes = this.waiting.peek().subarray(0, BLOCK)
    const block = this.proactor.blocks.take()
    this.proactor.blocks.bytes(block, bytes.length).set(bytes)
    this.waiting.drop(bytes.length)
    this.send(block, 0, bytes.length)
  }

  // #region backPressure
  /** Has a recv in flight or none: one that isn't wanted any more is cancelled. */
  #read(isWanted: boolean): void {
    if (this.#recv === NONE) {
      if (isWanted) this.#recv = this.proactor.recv(this.#fd, this.#received)
    } else if (!isWanted && !this.#isPausing) {
      this.#isPausing = true
      this.proactor.cancel(this.#recv)
    }
  }
  // #endregion backPressure

  // #region end
  /** Ends it at once: what is unsent is lost. The descriptor is closed when nothing uses it. */
  close(error?: unknown): void {
    if (this.#end !== 'no') return
    this.#end = 'cancelling'
    this.#error = error
    if (this.#recv !== NONE) this.proactor.cancel(this.#recv)
    if (this.#send !== NONE) this.proactor.cancel(this.#send)
    this.goOn()
  }

  #closeWhenIdle(): void {
    if (this.#recv !== NONE || this.#send !== NONE || this.#shutdown !== NONE) return
    this.#end = 'closing'
    this.proactor.close(this.#fd, () => this.#gone(this, this.#error))
  }
  // #endregion end

  // #region idle
  /** Bytes come or go. A lingering connection has its last deadline, which no byte moves. */
  #stayAlive(): void {
    if (!this.conversation.lingering) this.#deadlines.set(this, this.#idleTimeout)
  }
  // #endregion idle
}
