/** Reads from one client with a recv that completes again and again, and can pause. */
import { constants } from 'node:os'
import type { Operation, Proactor } from '#servers/11-completion/proactor.ts'

/** Flags of a completion: it brings a block; and the operation goes on after it. */
const BUFFER = 1
const { ECANCELED, ENOBUFS } = constants.errno

export interface Owner {
  /** The block is the owner's from now on; `count` bytes of it came from the client. */
  received(block: number, count: number): void
  /** Called once, when no recv is in flight and none will be: 0 at the client's FIN, or an errno. */
  ended(result: number): void
}

export class Reader {
  readonly #proactor: Pick<Proactor, 'recv' | 'cancel' | 'blocks'>
  readonly #fd: number
  readonly #owner: Owner
  /** What is in flight. After its completion the number is another operation's. */
  #recv: Operation | undefined
  #isCancelled = false
  #isWanted = true
  #isEnded = false

  constructor(proactor: Pick<Proactor, 'recv' | 'cancel' | 'blocks'>, fd: number, owner: Owner) {
    this.#proactor = proactor
    this.#fd = fd
    this.#owner = owner
    this.#goOn()
  }

  /** The owner wants no more blocks. Some may come all the same, and none is lost. */
  pause(): void {
    this.#isWanted = false
    this.#goOn()
  }

  /** The owner wants blocks again. */
  resume(): void {
    this.#isWanted = true
    this.#goOn()
  }

  readonly #completed = (result: number, flags: number): void => {
    // It has completed: the next one must be submitted.
    this.#recv = undefined
    if (flags & BUFFER) this.#owner.received(this.#proactor.blocks.claim(flags), result)
    else if (result !== -ENOBUFS && result !== -ECANCELED) {
      this.#isEnded = true
      this.#owner.ended(result)
    }
    this.#goOn()
  }

  /** Brings what is in flight to what is wanted, as far as that can be done now. */
  #goOn(): void {
    if (this.#isEnded) return
    if (this.#recv === undefined) {
      this.#isCancelled = false
      if (this.#isWanted) this.#recv = this.#proactor.recv(this.#fd, this.#completed)
    } else if (!this.#isWanted && !this.#isCancelled) {
      this.#isCancelled = true
      this.#proactor.cancel(this.#recv)
    }
  }
}
