/** Milliseconds before the first replacement of a worker, and the most before a later one. */
const FIRST = 50
const LONGEST = 10_000

/** A worker that has lived for this time, in milliseconds, did not die of how it starts. */
const STEADY = 10_000

/**
 * How long to wait before a worker is replaced. A worker that dies as it starts would otherwise be
 * started over and over, and take the machine with it.
 */
export class Backoff {
  #next = FIRST

  /** @param lived the time that the dead worker had lived. All times are milliseconds. */
  delay(lived: number): number {
    const delay = lived >= STEADY ? FIRST : this.#next
    this.#next = Math.min(2 * delay, LONGEST)
    return delay
  }
}
