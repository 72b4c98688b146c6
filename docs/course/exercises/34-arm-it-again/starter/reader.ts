/** Reads from one client with a recv that completes again and again, and can pause. */
import type { Operation, Proactor } from '#servers/11-completion/proactor.ts'

/** Flags of a completion: it brings a block; and the operation goes on after it. */
const BUFFER = 1
const MORE = 2

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
  #recv: Operation

  constructor(proactor: Pick<Proactor, 'recv' | 'cancel' | 'blocks'>, fd: number, owner: Owner) {
    this.#proactor = proactor
    this.#fd = fd
    this.#owner = owner
    this.#recv = proactor.recv(fd, this.#completed)
  }

  /** The owner wants no more blocks. Some may come all the same, and none is lost. */
  pause(): void {
    this.#proactor.cancel(this.#recv)
  }

  /** The owner wants blocks again. */
  resume(): void {
    this.#recv = this.#proactor.recv(this.#fd, this.#completed)
  }

  readonly #completed = (result: number, flags: number): void => {
    if (flags & BUFFER) this.#owner.received(this.#proactor.blocks.claim(flags), result)
    if ((flags & MORE) === 0) this.#owner.ended(result)
  }
}
