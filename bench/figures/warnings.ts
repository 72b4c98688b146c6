/**
 * Reasons to doubt the figures of a run. A figure with a warning is not wrong, but it should not be
 * cited without the warning.
 */
import { type LoadResult, missedRate } from '../../clients/load/result.ts'
import type { Cell } from '../document/document.ts'
import { resultOf } from './figures.ts'
import { median, outliers } from './statistics.ts'

/** From this share of one CPU on, the load generator may be the limit, and not the server. */
const SATURATED = 0.95
/** How many times the median of the later rounds the first one may cost. */
const SLOW = 1.25
/** A far round also differs from the median by this share: by Tukey alone, one of five is far. */
const FAR = 0.25
/** How much the two sides of Little's law may differ, as a share. */
const LITTLE = 0.1
/** Replies per connection: with fewer, those that the window's ends cut off count too much. */
const ENOUGH = 20

/** The warnings about the cells of one load: a line for each kind, with the rows concerned. */
export function warningsOf(cells: readonly Cell[]): string[] {
  const kinds: readonly (readonly [string, (results: LoadResult[]) => boolean])[] = [
    ['connections were lost', (results) => results.some(hasLost)],
    ['less than 99 % of the asked messages had a reply in time', missesRate],
    ['the load generator itself was late, which is part of the latency', isLate],
    ['the load generator used a whole CPU, the server did not: it can do more', clientIsLimit],
    [`the first round cost over ${inPercent(SLOW - 1)} more than the later`, slowFirst],
    [
      `a round lies far from the others (Tukey, and ${inPercent(FAR)} from the median)`,
      hasOutliers,
    ],
    [
      `connections in flight and rate × latency differ by over ${inPercent(LITTLE)} (Little's law)`,
      breaksLittle,
    ],
  ]
  return kinds.flatMap(([text, isTrue]) => {
    const rows = cells.filter((cell) => isTrue(resultsOf(cell)))
    const names = rows.map(({ model, wait }) => `${model} ${wait}`)
    return names.length > 0 ? [`warning: ${text}: ${names.join(', ')}`] : []
  })
}

function inPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function resultsOf({ rounds }: Cell): LoadResult[] {
  return rounds.map(resultOf).filter((result) => result !== undefined)
}

function hasLost({ errors }: LoadResult): boolean {
  return Object.keys(errors).length > 0
}

function missesRate(results: LoadResult[]): boolean {
  return results.some((result) => result.asked && missedRate(result))
}

function isLate(results: LoadResult[]): boolean {
  return results.some(({ warnings }) => warnings && warnings.length > 0)
}

/** Only closed loops are judged: an open one waits in a spin, so it always uses a whole CPU. */
function clientIsLimit(results: LoadResult[]): boolean {
  const shares = results
    .filter(({ asked }) => !asked?.rate)
    .map(({ client, server, seconds }) => ({
      client: (client?.cpuSeconds ?? 0) / seconds,
      server: (server?.cpuSeconds ?? 0) / seconds,
    }))
  const [client, server] = [
    median(shares.map((s) => s.client)),
    median(shares.map((s) => s.server)),
  ]
  return (client ?? 0) >= SATURATED && (server ?? 0) < SATURATED
}

function slowFirst([first, ...later]: LoadResult[]): boolean {
  const usual = median(later.map(cpuOf))
  const cost = first && cpuOf(first)
  return later.length > 0 && cost != null && usual !== null && cost > usual * SLOW
}

function hasOutliers(results: LoadResult[]): boolean {
  const costs = results.map(cpuOf).filter((cost) => cost != null)
  const middle = median(costs) ?? 0
  return outliers(costs).some((cost) => Math.abs(cost / middle - 1) > FAR)
}

/**
 * Little's law: messages in flight = rate × mean latency. In a closed loop the left side is known,
 * so the law checks the clock and the counting.
 */
function breaksLittle(results: LoadResult[]): boolean {
  return results.some((result) => {
    const { asked, latency, messages, messagesPerSecond } = result
    if (!latency || !asked || asked.rate > 0 || asked.pause > 0 || asked.churn) return false
    const inFlight = asked.connections * asked.depth
    if (messages < inFlight * ENOUGH) return false
    const law = (messagesPerSecond * latency.mean) / 1e6
    return Math.abs(law / inFlight - 1) > LITTLE
  })
}

function cpuOf({ server }: LoadResult): number | null | undefined {
  return server?.cpuPerMessage
}
