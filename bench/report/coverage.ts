/** How sure the intervals of a table are, in words. */
import type { Estimate } from '../figures/statistics.ts'

/**
 * `96.9 %`, or `96.9 % to 98.4 %` if the estimates have different numbers of rounds; undefined if
 * none has an interval.
 */
export function coverageText(estimates: readonly (Estimate | null)[]): string | undefined {
  const coverages = estimates.map((estimate) => estimate?.coverage).filter((one) => one != null)
  if (coverages.length === 0) return undefined
  const ends = [Math.min(...coverages), Math.max(...coverages)].map(inPercent)
  return [...new Set(ends)].join(' to ')
}

function inPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
