/**
 * Statistics for a few noisy measurements: the median, and an interval that says how sure it is.
 *
 * The interval goes from one of the sorted measurements to another (an order-statistic interval,
 * Thompson, 1936). Each measurement lies below the true median with chance 1/2, whatever the noise
 * is like; on a shared machine it is far from normal. So the number of those below it follows from
 * tossing a coin, and the chance that the interval holds the true median is known exactly.
 */

export interface Estimate {
  readonly median: number
  /** The ends of the interval. They and `coverage` are null with fewer than FEWEST_ROUNDS. */
  readonly low: number | null
  readonly high: number | null
  /** The chance that such an interval holds the true value: 0.969 for six measurements. */
  readonly coverage: number | null
}

/** The chance that an interval has at least. */
const SURE = 0.95
/** With five, even the interval from the lowest to the highest has a coverage of only 0.938. */
export const FEWEST_ROUNDS = 6

/** The middle value, or the mean of the middle two; null if there are none. */
export function median(values: readonly (number | null | undefined)[]): number | null {
  const sorted = values.filter((value) => value != null).toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** The median of `values` with its interval; null for none. */
export function estimate(values: readonly (number | null | undefined)[]): Estimate | null {
  const sorted = values.filter((value) => value != null).toSorted((a, b) => a - b)
  const middle = median(sorted)
  if (middle === null) return null
  if (sorted.length < FEWEST_ROUNDS) return withoutInterval(middle)
  return { median: middle, ...intervalOf(sorted, chancesOfHeads(sorted.length), SURE) }
}

export function withoutInterval(value: number): Estimate {
  return { median: value, low: null, high: null, coverage: null }
}

/**
 * The narrowest interval between two of the sorted values, equally far from both ends, whose
 * coverage is at least `sure`.
 *
 * @param chances of 0, 1, 2, … values that lie below the true one; as many lie above it as often
 */
export function intervalOf(sorted: readonly number[], chances: ArrayLike<number>, sure: number) {
  let cut = 0
  let below = chances[0]!
  while (1 - 2 * (below + chances[cut + 1]!) >= sure) {
    cut += 1
    below += chances[cut]!
  }
  return { low: sorted[cut]!, high: sorted.at(-1 - cut)!, coverage: 1 - 2 * below }
}

/** The chances of 0, 1, 2, … heads when a coin is tossed `times`: toss by toss. */
function chancesOfHeads(times: number): number[] {
  let chances = [1]
  for (let toss = 0; toss < times; toss++) {
    chances = [...chances, 0].map((chance, heads) => (chance + (chances[heads - 1] ?? 0)) / 2)
  }
  return chances
}

/** True if 1 lies outside of the interval of a ratio: then the two sides are different. */
export function isDistinguishable({ low, high }: Estimate): boolean {
  return low !== null && high !== null && (low > 1 || high < 1)
}

/** The values more than 1.5 interquartile ranges below or above the quartiles (Tukey). */
export function outliers(values: readonly number[]): number[] {
  if (values.length < 4) return []
  const sorted = values.toSorted((a, b) => a - b)
  const [low, high] = [percentile(sorted, 0.25), percentile(sorted, 0.75)]
  const reach = 1.5 * (high - low)
  return values.filter((value) => value < low - reach || value > high + reach)
}

/** `values` in random order (Fisher and Yates). */
export function shuffled<Item>(values: readonly Item[], random: Random): Item[] {
  const drawn = [...values]
  for (let last = drawn.length - 1; last > 0; last--) {
    const other = random.below(last + 1)
    const held = drawn[last]!
    drawn[last] = drawn[other]!
    drawn[other] = held
  }
  return drawn
}

/** Random numbers that the same seed gives again (mulberry32). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

/** Interpolates between the two nearest values. `sorted` has at least one value. */
function percentile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1)
  const below = sorted[Math.floor(at)]!
  const above = sorted[Math.ceil(at)]!
  return below + (above - below) * (at - Math.floor(at))
}
