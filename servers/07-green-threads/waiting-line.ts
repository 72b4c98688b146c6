/**
 * Which greenlet is next when several wait for the same thing, such as an item or a permit? The one
 * that has waited longest.
 *
 * Nothing is handed over in advance. At a waiter's turn the hub looks whether there is something to
 * take, and resumes the waiter, which takes it before any other greenlet runs. A waiter that is
 * killed or whose time has passed just leaves the line; the thing is still there for the next
 * waiter.
 */
import { type Green, hub, type Pending, Waiter } from './hub.ts'
import { type Patience, within } from './timeout.ts'

/** Greenlets that wait for the same thing: first come, first served. */
export class WaitingLine {
  readonly #waiters = new Set<Waiter<boolean>>()
  readonly #isOpen: () => boolean
  #round: Pending | undefined

  /** @param isOpen whether there is something to take */
  constructor(isOpen: () => boolean) {
    this.#isOpen = isOpen
  }

  /** How many greenlets wait. If any do, a new one must wait too, or it would jump the line. */
  get length(): number {
    return this.#waiters.size
  }

  /** Waits for the turn of the caller. True: take it now. False: `patience` has passed before. */
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

  /** There may be something to take: the hub goes along the line soon. */
  serve(): void {
    if (this.#waiters.size > 0) this.#round ??= hub.runCallback(() => this.#serve())
  }

  // #region serve
  /**
   * Greenlets that join the line meanwhile are left for the next turn of the event loop, since
   * greenlets may feed each other for ever.
   */
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
