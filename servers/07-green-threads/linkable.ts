/**
 * How does code learn that something is ready, such as a greenlet that has ended or an event that
 * was set? It links a function to it, or waits for it.
 */
import { type Green, hub, Waiter } from './hub.ts'
import { type Patience, within } from './timeout.ts'

/** A linked function takes `never`, so that a Greenlet<string> can stand where any Greenlet can. */
interface Entry {
  readonly link: (self: never) => void
  readonly when: () => boolean
}

const always = () => true

/** Something that becomes ready, once or several times. Modelled on gevent's AbstractLinkable. */
export abstract class Linkable<Self> {
  /** In the order of linking. A function may be linked several times, each with its own `when`. */
  readonly #links = new Set<Entry>()

  abstract ready(): boolean

  /**
   * Calls `link` once, from the hub: when this becomes ready, or soon if it is ready already. If
   * `when()` is false at that moment, `link` is dropped without a call. A function that is linked
   * twice is called twice.
   */
  link(link: (self: Self) => void, when = always): void {
    this.#add({ link, when })
  }

  /** Undoes one `link` of this function, the oldest. Does nothing if there is none. */
  unlink(link: (self: Self) => void): void {
    for (const entry of this.#links) {
      if (entry.link === link) {
        this.#links.delete(entry)
        return
      }
    }
  }

  #add(entry: Entry): void {
    this.#links.add(entry)
    if (this.ready()) this.notify()
  }

  // #region notify
  /**
   * Must be called when this becomes ready: the hub calls the functions that are linked now, in
   * their order, even if this is no longer ready by then. A function that is unlinked in between
   * isn't called.
   */
  protected notify(): void {
    for (const entry of this.#links) {
      hub.runCallback(() => {
        if (this.#links.delete(entry) && entry.when()) entry.link(this as never)
      })
    }
  }
  // #endregion notify

  /** Waits until this is ready. False if `patience` has passed before. */
  protected *waitReady(patience?: Patience): Green<boolean> {
    if (this.ready()) return true
    const waiter = new Waiter<boolean>()
    const entry = { link: () => waiter.switch(true), when: always }
    this.#add(entry)
    try {
      return yield* within(
        patience,
        () => waiter.get(),
        () => this.ready(),
      )
    } finally {
      this.#links.delete(entry)
    }
  }
}
