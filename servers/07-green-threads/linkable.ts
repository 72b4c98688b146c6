/**
 * How does code learn that something is ready, such as a greenlet that has ended or an event that
 * was set? It links a function to it, or waits for it.
 */
import { type Green, hub, Waiter } from './hub.ts'
import { type Patience, within } from './timeout.ts'

/** Something that becomes ready, once or several times. Modelled on gevent's AbstractLinkable. */
export abstract class Linkable<Self> {
  /**
   * The linked functions, each with its `when`. They take `never`, so that a Greenlet<string> can
   * stand where any Greenlet can.
   */
  readonly #links = new Map<(self: never) => void, () => boolean>()

  abstract ready(): boolean

  /**
   * Calls `link` once, from the hub: when this becomes ready, or soon if it is ready already. If
   * `when()` is false at that moment, `link` is dropped without a call.
   */
  link(link: (self: Self) => void, when = () => true): void {
    this.#links.set(link, when)
    if (this.ready()) this.notify()
  }

  unlink(link: (self: Self) => void): void {
    this.#links.delete(link)
  }

  // #region notify
  /**
   * Must be called when this becomes ready: the hub calls the functions that are linked now, in
   * their order, even if this is no longer ready by then. A function that is unlinked in between
   * isn't called.
   */
  protected notify(): void {
    for (const [link, when] of this.#links) {
      hub.runCallback(() => {
        if (this.#links.delete(link) && when()) link(this as never)
      })
    }
  }
  // #endregion notify

  /** Waits until this is ready. False if `patience` has passed before. */
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
