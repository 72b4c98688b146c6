/** How late a deadline may be noticed, in milliseconds: the price of not keeping them sorted. */
const GRAIN = 50

/**
 * The deadlines of many connections. A deadline moves on with every byte and is hardly ever
 * reached. So moving one costs only an assignment, and all of them are checked only when the
 * earliest may have passed. The clock, `performance.now()`, is read once per pass of the loop.
 */
export class Deadlines<Item extends { deadline: number }> {
  #now = performance.now()
  /** No deadline is earlier than this. */
  #earliest = Number.POSITIVE_INFINITY

  /** Sets the deadline of `item`, in milliseconds from now. */
  set(item: Item, milliseconds: number): void {
    item.deadline = this.#now + milliseconds
    if (item.deadline < this.#earliest) this.#earliest = item.deadline
  }

  /** How long the loop may wait now: milliseconds, Infinity if there is no deadline. */
  get timeout(): number {
    return Math.max(0, this.#earliest - this.#now)
  }

  /** Reads the clock again: call it when the loop has waited. */
  tick(): void {
    this.#now = performance.now()
  }

  /** The items whose deadline has passed. `items` must hold every item that has a deadline. */
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
