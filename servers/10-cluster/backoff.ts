/** The first replacement comes after so many milliseconds, and none after more than so many. */
const FIRST = 50
const LONGEST = 10_000

/** Who has lived so long was well: its end is a new accident, and not the same one again. */
const STEADY = 10_000

/**
 * How long to wait before a worker is replaced. A worker that dies as it starts would otherwise be
 * started over and over, and take the machine with it.
 */
export class Backoff {
  #next = FIRST

  /** @param lived how long the dead worker had lived. All are milliseconds. */
  delay(lived: number): number {
    const delay = lived >= STEADY ? FIRST : this.#next
    this.#next = Math.min(2 * delay, LONGEST)
    return delay
  }
}
