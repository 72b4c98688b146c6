import { type Green, hub, Waiter } from './hub.ts'
import { type Patience, within } from './timeout.ts'

/**
 * Something that becomes ready, once or again and again: a greenlet that ends, an event that is
 * set. Whoever wants to know links a function to it, or waits. After gevent's AbstractLinkable.
 */
export abstract class Linkable<Self> {
  /**
   * Each link, and when it is to be told. Their type is `never`, so that a Greenlet<string> may
   * stand where any Greenlet may.
   */
  readonly #links = new Map<(self: never) => void, () => boolean>()

  abstract ready(): boolean

  /** Calls `link` once, from the hub, when this is ready or soon if it is; only if `when()`. */
  link(link: (self: Self) => void, when = () => true): void {
    this.#links.set(link, when)
    if (this.ready()) this.notify()
  }

  unlink(link: (self: Self) => void): void {
    this.#links.delete(link)
  }

  // #region notify
  /**
   * It has become ready: those who are linked now are told, in their order, from the hub. They are
   * told even if it is not ready any more by then, and an unlinked one isn't.
   */
  protected notify(): void {
    for (const [link, when] of this.#links) {
      hub.runCallback(() => {
        if (this.#links.delete(link) && when()) link(this as never)
      })
    }
  }
  // #endregion notify

  /** Waits until it is ready. False if `patience` has passed before. */
  protected *waitReady(patience?: Patience): Green<boolean> {
    if (this.ready()) return true
    const waiter = new Waiter<boolean>()
    const link = () => waiter.switch(true)
    this.link(link)
    try {
      return yield* within(
        patience,
        () => waiter.get(),
        () => this.ready(),
      )
    } finally {
      this.unlink(link)
    }
  }
}
