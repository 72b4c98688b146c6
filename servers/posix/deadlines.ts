/** How late a deadline may be noticed, in milliseconds: the price of not keeping them sorted. */
const GRAIN = 50

/**
 * The deadlines of many connections. They move on with every byte and are hardly ever reached, so
 * that moving one costs an assignment, and all are looked at only when the earliest may have
 * passed. The clock, that of `performance.now()`, is read once per pass of the loop.
 */
export class Deadlines<Item extends { deadline: number }> {
  #now = performance.now()
  /** No deadline is earlier than this. */
  #earliest = Number.POSITIVE_INFINITY

  /** Gives `item` so many milliseconds from now. */
  set(item: Item, milliseconds: number): void {
    item.deadline = this.#now + milliseconds
    if (item.deadline < this.#earliest) this.#earliest = item.deadline
  }

  /** How long the loop may wait now: milliseconds, Infinity if nothing is due. */
  get timeout(): number {
    return Math.max(0, this.#earliest - this.#now)
  }

  /** The loop has waited: time has passed. */
  tick(): void {
    this.#now = performance.now()
  }

  /** Those of `items`, which must be all of them, whose time has come. */
  expired(items: Iterable<Item>): Item[] {
    if (this.#now < this.#earliest) return []
    const expired: Item[] = []
    let earliest = Number.POSITIVE_INFINITY
    for (const item of items) {
      if (item.deadline <= this.#now) expired.push(item)
      else earliest = Math.min(earliest, item.deadline)
    }
    this.#earliest = Math.max(earliest, this.#now + GRAIN)
    return expired
  }
}
