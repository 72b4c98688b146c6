/**
 * One client of the proactor: which operations are in flight for it, and what their completions do.
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

/** Called once, when the descriptor is closed. `error` is why, if it did not go in peace. */
export type Gone = (connection: Connection, error?: unknown) => void

/**
 * Two operations are in flight at most: a recv, while reading is wanted, and the send of one block,
 * or in its place the shutdown. What can't be sent yet waits. The end is in steps: all are
 * cancelled, all have completed, closed.
 */
export class Connection {
  readonly #fd: number
  readonly peer: Address
  /** When it is closed if no byte comes or goes before; see Deadlines. */
  deadline = 0
  readonly #proactor: Proactor
  readonly #conversation: Conversation
  readonly #deadlines: Deadlines<Connection>
  readonly #idleTimeout: number
  readonly #gone: Gone
  /** What is in flight: NONE, or its number. */
  #recv: Operation = NONE
  #send: Operation = NONE
  #shutdown: Operation = NONE
  /** The recv in flight has been cancelled, and has not completed yet. */
  #isPausing = false
  /** The block of the send, and its bytes that have not been sent. */
  #block = NONE
  #from = 0
  #to = 0
  /** Replies that must go behind that block. */
  readonly #waiting = new ByteQueue()
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
    this.#proactor = proactor
    this.#conversation = new Conversation(createSession(options), options.highWater)
    this.#deadlines = deadlines
    this.#idleTimeout = options.idleTimeout
    this.#gone = gone
    deadlines.set(this, this.#idleTimeout)
    this.#goOn()
  }

  /** Closing time: what is owed is still sent, and no more is answered. */
  finish(): void {
    this.#conversation.finish()
    this.#goOn()
  }

  // #region close
  /** Ends it at once: what is unsent is lost. The descriptor is closed when nothing uses it. */
  close(error?: unknown): void {
    if (this.#end !== 'no') return
    this.#end = 'cancelling'
    this.#error = error
    if (this.#recv !== NONE) this.#proactor.cancel(this.#recv)
    if (this.#send !== NONE) this.#proactor.cancel(this.#send)
    this.#goOn()
  }

  #closeWhenIdle(): void {
    if (this.#recv !== NONE || this.#send !== NONE || this.#shutdown !== NONE) return
    this.#end = 'closing'
    this.#proactor.close(this.#fd, () => this.#gone(this, this.#error))
  }
  // #endregion close

  // #region received
  /** The kernel has filled a block, which is ours now, or the recv has ended. */
  readonly #received = (result: number, flags: number): void => {
    if ((flags & MORE) === 0) {
      this.#recv = NONE
      this.#isPausing = false
    }
    const block = flags & BUFFER ? this.#proactor.blocks.claim(flags) : NONE
    try {
      if (this.#end === 'no') this.#take(result, block)
    } catch (error) {
      this.close(error)
    }
    // If it isn't on its way back to the client, nobody needs it any more.
    if (block !== NONE && block !== this.#block) this.#proactor.blocks.give(block)
    this.#goOn()
  }

  #take(result: number, block: number): void {
    // A pause has begun, or no block was free: if it is still wanted, the recv is submitted anew.
    if (result === -ECANCELED || result === -ENOBUFS) return
    if (result < 0) throw new SystemError('recv', -result)
    this.#stayAlive()
    if (result === 0) this.#waiting.push(this.#conversation.end())
    else this.#reply(block, this.#proactor.blocks.bytes(block, result))
  }

  /** A reply goes back in the block in which its question came: one block for each exchange. */
  #reply(block: number, chunk: Uint8Array): void {
    const reply = this.#conversation.receive(chunk)
    if (this.#block !== NONE || reply.length > BLOCK) this.#waiting.push(reply)
    else if (reply.length > 0) {
      if (reply !== chunk) this.#proactor.blocks.bytes(block, reply.length).set(reply)
      this.#sendBlock(block, reply.length)
    }
  }
  // #endregion received

  // #region sent
  #sendBlock(block: number, length: number): void {
    this.#block = block
    this.#from = 0
    this.#to = length
    this.#sendRest()
  }

  /** From here to its completion the block is the kernel's: nothing is written there. */
  #sendRest(): void {
    this.#send = this.#proactor.send(this.#fd, this.#block, this.#from, this.#to, this.#sent)
  }

  readonly #sent = (result: number): void => {
    this.#send = NONE
    if (result < 0) this.close(new SystemError('send', -result))
    else {
      this.#from += result
      this.#stayAlive()
    }
    if (this.#end === 'no' && this.#from < this.#to) this.#sendRest()
    else this.#giveBlock()
    this.#goOn()
  }

  #giveBlock(): void {
    this.#proactor.blocks.give(this.#block)
    this.#block = NONE
    this.#from = this.#to
  }

  #sendWaiting(): void {
    const bytes = this.#waiting.peek().subarray(0, BLOCK)
    const block = this.#proactor.blocks.take()
    this.#proactor.blocks.bytes(block, bytes.length).set(bytes)
    this.#waiting.drop(bytes.length)
    this.#sendBlock(block, bytes.length)
  }
  // #endregion sent

  /** Something has changed: submits what is to be done now. */
  #goOn(): void {
    if (this.#end === 'no') this.#converse()
    if (this.#end === 'cancelling') this.#closeWhenIdle()
  }

  #converse(): void {
    if (this.#block === NONE && this.#waiting.length > 0) this.#sendWaiting()
    const unsent = this.#to - this.#from + this.#waiting.length
    const step = this.#conversation.next(unsent)
    if (step === 'send FIN') {
      this.#shutdown = this.#proactor.shutdown(this.#fd, SHUT_WR, this.#shutDown)
      this.#deadlines.set(this, LINGER)
    }
    if (step === 'close') this.close()
    else this.#read(this.#conversation.wantsRead(unsent))
  }

  // #region pressure
  /** Back pressure: who owes too much has no recv in flight. */
  #read(isWanted: boolean): void {
    if (this.#recv === NONE) {
      if (isWanted) this.#recv = this.#proactor.recv(this.#fd, this.#received)
    } else if (!isWanted && !this.#isPausing) {
      this.#isPausing = true
      this.#proactor.cancel(this.#recv)
    }
  }
  // #endregion pressure

  readonly #shutDown = (result: number): void => {
    this.#shutdown = NONE
    if (result < 0) this.close(new SystemError('shutdown', -result))
    this.#goOn()
  }

  /** Bytes have come or gone. A lingering connection has its last deadline, and doesn't move it. */
  #stayAlive(): void {
    if (!this.#conversation.lingering) this.#deadlines.set(this, this.#idleTimeout)
  }
}
