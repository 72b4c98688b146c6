/**
 * Claims: what a sentence of a page says about the kept run, in a form that can be checked.
 *
 *     cpu many/100 poll-loop < async-await              less, beyond doubt
 *     cpu many/100 2 × poll-loop < threads              even twice as much is less
 *     cpu many/100 poll-loop ~ poll-loop libc epoll     can't be told apart
 *     cpu many/100 poll-loop < many/1000 poll-loop      rows of two loads
 *     p99 hog threads < poll-loop, asyncore             less than each of these
 *     p99 hog unsure: threads                           too few calm rounds for an interval
 *
 * Intervals decide. Two rows of one load are compared round by round, by the interval of their
 * ratio; rows of two loads are different if their own intervals don't meet.
 */
import type { Estimate } from '../../../bench/figures/statistics.ts'
import type { Digest, DigestRow } from '../../../bench/report/digest.ts'
import { FillError } from './fault.ts'
import { findLoad, findMeasure, findRow } from './lookup.ts'
import { estimateOf, type Measure, ratioOf } from './measures.ts'

const LEFT = /(?<measure>\S+) (?<load>\S+) (?:(?<factor>[\d.]+) × )?(?<left>.+?)/
const RIGHT = /(?:(?<other>\S+\/[\d+]+) )?(?<rights>.+)/
const CLAIM = new RegExp(`^${LEFT.source} (?<sign>[<~]) ${RIGHT.source}$`)

const UNSURE = /^(?<measure>\S+) (?<load>\S+) unsure: (?<rows>.+)$/

interface Pair {
  readonly left: DigestRow
  readonly right: DigestRow
  readonly measure: Measure
  readonly factor: number
  /** The rows are of the same load. */
  readonly isPaired: boolean
}

/** Throws a FillError that says what the run shows instead, if the claim doesn't hold. */
export function checkClaim(text: string, digest: Digest): void {
  const { groups: unsure } = UNSURE.exec(text) ?? {}
  if (unsure) checkUnsure(text, unsure, digest)
  else checkOrder(text, digest)
}

function checkUnsure(text: string, groups: Readonly<Record<string, string>>, digest: Digest): void {
  const place = findLoad(digest, groups.load!)
  for (const name of groups.rows!.split(', ')) {
    const known = estimateOf(findRow(place, name), findMeasure(groups.measure!))
    if (known?.low != null) throw wrong(text, `${name} has an interval`)
  }
}

function checkOrder(text: string, digest: Digest): void {
  const { measure, load, factor, left, sign, other, rights } = CLAIM.exec(text)?.groups ?? {}
  if (rights === undefined)
    throw new FillError(`“${text}” is no claim: see docs/build/fill/claims.ts`)
  const here = findLoad(digest, load!)
  const there = other === undefined ? here : findLoad(digest, other)
  for (const right of rights.split(', ')) {
    const pair: Pair = {
      left: findRow(here, left!),
      right: findRow(there, right),
      measure: findMeasure(measure!),
      factor: Number(factor ?? 1),
      isPaired: here === there,
    }
    const ratio = rightByLeft(pair)
    const holds = sign === '<' ? isAbove(ratio, pair.factor) : isEqual(ratio, pair.factor)
    if (!holds) throw wrong(text, seen(pair, right, ratio))
  }
}

function wrong(claim: string, instead: string): FillError {
  return new FillError(`the run doesn't show “${claim}”: ${instead}`)
}

/** How many times the left figure the right one is. Null if one of them was not measured. */
function rightByLeft({ left, right, measure, isPaired }: Pair): Estimate | null {
  if (isPaired) return ratioOf(right, left, measure)
  const [below, above] = [estimateOf(left, measure), estimateOf(right, measure)]
  if (!below || !above) return null
  const { low, high } = below
  const known = low !== null && high !== null && above.low !== null && above.high !== null
  return {
    median: above.median / below.median,
    low: known ? above.low! / high : null,
    high: known ? above.high! / low : null,
    coverage: null,
  }
}

function isAbove(ratio: Estimate | null, factor: number): boolean {
  return ratio?.low != null && ratio.low > factor
}

function isEqual(ratio: Estimate | null, factor: number): boolean {
  if (ratio?.low == null || ratio.high === null) return false
  return ratio.low <= factor && ratio.high >= factor
}

function seen({ left }: Pair, right: string, ratio: Estimate | null): string {
  if (!ratio) return `there are no calm rounds of both`
  const { median, low, high } = ratio
  const interval =
    low === null || high === null
      ? 'with too few calm rounds'
      : `in an interval of ${low.toFixed(2)}–${high.toFixed(2)}`
  return `${right} is ${median.toFixed(2)} times ${left.model} ${left.wait}, ${interval}`
}
