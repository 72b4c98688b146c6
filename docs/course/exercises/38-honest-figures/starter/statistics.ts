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
  const sorted = [...values].sort()
  return sorted[Math.floor((percent / 100) * sorted.length)]!
}

/** The percentile of all messages of several runs. */
export function percentileOfAll(runs: readonly (readonly number[])[], percent: number): number {
  const sum = runs.reduce((total, run) => total + percentile(run, percent), 0)
  return sum / runs.length
}

/** The mean and its standard error. Task 3 asks for another one. */
export function intervalOf(values: readonly number[]): Interval | undefined {
  if (values.length < 2) return undefined
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const error = 1.96 * Math.sqrt(squares / (values.length - 1) / values.length)
  return { low: mean - error, high: mean + error, coverage: SURE }
}

/** What the ratios “after ÷ before” of several rounds say of a latency. */
export function compare(ratios: readonly number[]): 'faster' | 'slower' | "can't tell" {
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
  return mean < 1 ? 'faster' : 'slower'
}
