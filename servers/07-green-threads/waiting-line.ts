import { type Green, hub, type Pending, Waiter } from './hub.ts'
import { type Patience, within } from './timeout.ts'

/**
 * Greenlets that wait for the same thing, such as an item or a permit: first come, first served.
 *
 * Nothing is handed over in advance. The hub looks, at a waiter's turn, whether there is something
 * to take, and resumes the waiter, which takes it before anybody else runs. A waiter that is killed
 * or whose time has passed just leaves the line; what it came for is still there for the next one.
 */
export class WaitingLine {
  readonly #waiters = new Set<Waiter<boolean>>()
  readonly #isOpen: () => boolean
  #round: Pending | undefined

  /** @param isOpen whether there is something to take */
  constructor(isOpen: () => boolean) {
    this.#isOpen = isOpen
  }

  /** How many wait. Who comes while somebody waits must wait too, or it would jump the line. */
  get length(): number {
    return this.#waiters.size
  }

  /** Waits for its turn: true means take it now. False if `patience` has passed before. */
  *wait(patience?: Patience): Green<boolean> {
    const waiter = new Waiter<boolean>()
    this.#waiters.add(waiter)
    try {
      return yield* within(
        patience,
        () => waiter.get(),
        () => false,
      )
    } finally {
      this.#waiters.delete(waiter)
    }
  }

  /** There may be something to take: has the hub go along the line, soon. */
  serve(): void {
    if (this.#waiters.size > 0) this.#round ??= hub.runCallback(() => this.#serve())
  }

  // #region serve
  /** Who joins the line meanwhile is left for the next turn: greenlets may feed each other. */
  #serve(): void {
    this.#round = undefined
    let left = this.#waiters.size
    for (const waiter of this.#waiters) {
      if (left-- === 0 || !this.#isOpen()) break
      waiter.switch(true)
    }
    if (this.#isOpen()) this.serve()
  }
  // #endregion serve
}
