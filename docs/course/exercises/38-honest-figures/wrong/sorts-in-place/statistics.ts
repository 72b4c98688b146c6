/** What a few noisy measurements say, and what they do not say. */

/** From one of the sorted values to another. */
export interface Interval {
  readonly low: number
  readonly high: number
  /** The chance that such an interval holds the true median. */
  readonly coverage: number
}

const SURE = 0.95

/** The lowest of the values that is no lower than `percent` % of them. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const rank = Math.ceil((percent * sorted.length) / 100)
  return sorted[Math.max(0, rank - 1)]!
}

/** The percentile of all messages of several runs. */
export function percentileOfAll(runs: readonly (readonly number[])[], percent: number): number {
  return percentile(runs.flat(), percent)
}

/** The narrowest interval whose ends are equally far from both ends; undefined if none is sure. */
export function intervalOf(values: number[]): Interval | undefined {
  const sorted = values.sort((a, b) => a - b)
  let interval: Interval | undefined
  let chance = 0.5 ** sorted.length
  let below = 0
  for (let cut = 0; 2 * cut < sorted.length; cut++) {
    below += chance
    const coverage = 1 - 2 * below
    if (coverage < SURE) break
    interval = { low: sorted[cut]!, high: sorted.at(-1 - cut)!, coverage }
    chance *= (sorted.length - cut) / (cut + 1)
  }
  return interval
}

/** What the ratios “after ÷ before” of several rounds say of a latency. */
export function compare(ratios: number[]): 'faster' | 'slower' | "can't tell" {
  const interval = intervalOf(ratios)
  if (interval && interval.high < 1) return 'faster'
  if (interval && interval.low > 1) return 'slower'
  return "can't tell"
}
