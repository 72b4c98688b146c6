/**
 * Statistics for a few noisy measurements: the median, and an interval that says how sure it is.
 *
 * The interval is a percentile bootstrap (Efron, 1979): the sample is drawn from itself, with
 * replacement, many times, and the median of each drawn sample is noted. The 95 % interval is from
 * the 2.5th to the 97.5th percentile of these medians. The method assumes nothing about how the
 * noise is distributed; on a shared machine the distribution is far from normal.
 */

export interface Estimate {
  readonly median: number
  /** The ends of the 95 % interval. Both are null with fewer than three measurements. */
  readonly low: number | null
  readonly high: number | null
}

/** Drawn samples. With a thousand, chance moves the ends by less than another run would. */
const DRAWS = 1000
const FEWEST = 3

/** The middle value, or the mean of the middle two; null if there are none. */
export function median(values: readonly (number | null | undefined)[]): number | null {
  const sorted = values.filter((value) => value != null).toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** The median of `values` with its interval; null for none. Equal values give equal results. */
export function estimate(values: readonly (number | null | undefined)[]): Estimate | null {
  const known = values.filter((value) => value != null)
  const middle = median(known)
  if (middle === null) return null
  if (known.length < FEWEST) return { median: middle, low: null, high: null }
  const random = new Random(known.length)
  const medians = Array.from({ length: DRAWS }, () =>
    median(known.map(() => known[random.below(known.length)])),
  )
  const sorted = medians.filter((value) => value !== null).toSorted((a, b) => a - b)
  return { median: middle, low: percentile(sorted, 0.025), high: percentile(sorted, 0.975) }
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
