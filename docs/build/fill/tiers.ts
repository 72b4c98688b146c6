/** The rows of a load in tiers, for any measure, by the rule that the ranking of a run has. */
import { isDistinguishable } from '../../../bench/figures/statistics.ts'
import type { DigestLoad, DigestRow } from '../../../bench/report/digest.ts'
import { tiersBy } from '../../../bench/report/ranking.ts'
import { FillError } from './fault.ts'
import { estimateOf, type Measure, ratioOf } from './measures.ts'

/** Rows without an interval are in no tier. Throws a FillError if less is not better. */
export function tiersOf({ rows }: DigestLoad, measure: Measure): DigestRow[][] {
  if (measure.key === 'messagesPerSecond') throw new FillError('tiers are of costs, not of rates')
  const sure = rows.filter((row) => estimateOf(row, measure)?.low != null)
  const areApart = (a: DigestRow, b: DigestRow) => {
    const ratio = ratioOf(a, b, measure)
    return ratio ? isDistinguishable(ratio) : !doMeet(a, b, measure)
  }
  return tiersBy(sure, (row) => estimateOf(row, measure)!.median, areApart)
}

/** Whether two intervals have a value in common: by 0, which memory can be, nothing is divided. */
function doMeet(a: DigestRow, b: DigestRow, measure: Measure): boolean {
  const [one, other] = [estimateOf(a, measure)!, estimateOf(b, measure)!]
  return one.low! <= other.high! && other.low! <= one.high!
}
