/** Reads from one client with a recv that completes again and again, and can pause. */
import { constants } from 'node:os'
import type { Operation, Proactor } from '#servers/11-completion/proactor.ts'

/** Flags of a completion: it brings a block; and the operation goes on after it. */
const BUFFER = 1
const MORE = 2
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
  /** What is in flight in the first three states. */
  #recv: Operation
  /** `pausing` and `resuming`: it is cancelled, and has not completed yet. */
  #state: 'reading' | 'pausing' | 'resuming' | 'paused' | 'ended' = 'reading'

  constructor(proactor: Pick<Proactor, 'recv' | 'cancel' | 'blocks'>, fd: number, owner: Owner) {
    this.#proactor = proactor
    this.#fd = fd
    this.#owner = owner
    this.#recv = proactor.recv(fd, this.#completed)
  }

  /** The owner wants no more blocks. Some may come all the same, and none is lost. */
  pause(): void {
    if (this.#state === 'reading') {
      this.#state = 'pausing'
      this.#proactor.cancel(this.#recv)
    } else if (this.#state === 'resuming') this.#state = 'pausing'
  }

  /** The owner wants blocks again. */
  resume(): void {
    if (this.#state === 'pausing') this.#state = 'resuming'
    else if (this.#state === 'paused') this.#arm()
  }

  readonly #completed = (result: number, flags: number): void => {
    if (flags & BUFFER) this.#owner.received(this.#proactor.blocks.claim(flags), result)
    if (flags & MORE) return
    if (result !== -ENOBUFS && result !== -ECANCELED) {
      this.#state = 'ended'
      this.#owner.ended(result)
    } else if (this.#state === 'pausing') this.#state = 'paused'
    else this.#arm()
  }

  #arm(): void {
    this.#state = 'reading'
    this.#recv = this.#proactor.recv(this.#fd, this.#completed)
  }
}
