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
export function intervalOf(values: readonly number[]): Interval | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  // By the number of values below the true median: its chance.
  let chances = [1]
  for (let i = 0; i < sorted.length; i++) {
    chances = [...chances, 0].map((chance, heads) => (chance + (chances[heads - 1] ?? 0)) / 2)
  }
  const candidates = sorted.slice(0, Math.ceil(sorted.length / 2)).map((low, cut): Interval => {
    const inside = chances.slice(cut + 1, chances.length - 1 - cut)
    const coverage = inside.reduce((sum, chance) => sum + chance, 0)
    return { low, high: sorted.at(-1 - cut)!, coverage }
  })
  return candidates.findLast(({ coverage }) => coverage >= SURE)
}

/** What the ratios “after ÷ before” of several rounds say of a latency. */
export function compare(ratios: readonly number[]): 'faster' | 'slower' | "can't tell" {
  const interval = intervalOf(ratios)
  if (interval && interval.high < 1) return 'faster'
  if (interval && interval.low > 1) return 'slower'
  return "can't tell"
}
