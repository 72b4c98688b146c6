import { performance } from 'node:perf_hooks'

/** How late a deadline may be noticed, in milliseconds: the price of not keeping them sorted. */
const GRAIN = 50

/**
 * The deadlines of many connections. A deadline moves on with every byte and is hardly ever
 * reached. So moving one costs only an assignment, and all of them are checked only when the
 * earliest may have passed. The clock, `performance.now()`, is read once per pass of the loop: when
 * it is first needed after the loop has waited.
 */
export class Deadlines<Item extends { deadline: number }> {
  #now = 0
  /** The loop has waited since the clock was read. */
  #hasWaited = true
  /** No deadline is earlier than this. */
  #earliest = Number.POSITIVE_INFINITY

  /** Sets the deadline of `item`, in milliseconds from now. */
  set(item: Item, milliseconds: number): void {
    item.deadline = this.#time() + milliseconds
    if (item.deadline < this.#earliest) this.#earliest = item.deadline
  }

  /**
   * Called in each pass just before the loop waits: how long it may, in milliseconds; Infinity if
   * there is no deadline.
   */
  patience(): number {
    const left = Math.max(0, this.#earliest - this.#time())
    this.#hasWaited = true
    return left
  }

  /** Called instead of `patience`: when the loop must look again, by the clock. */
  latest(): number {
    this.#hasWaited = true
    return this.#earliest
  }

  /** The items whose deadline has passed. `items` must hold every item that has a deadline. */
  expired(items: Iterable<Item>): Item[] {
    const now = this.#time()
    if (now < this.#earliest) return []
    const expired: Item[] = []
    let earliest = Number.POSITIVE_INFINITY
    for (const item of items) {
      if (item.deadline <= now) expired.push(item)
      else earliest = Math.min(earliest, item.deadline)
    }
    this.#earliest = Math.max(earliest, now + GRAIN)
    return expired
  }

  #time(): number {
    if (this.#hasWaited) this.#now = performance.now()
    this.#hasWaited = false
    return this.#now
  }
}
