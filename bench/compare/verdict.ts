/** What has changed in a cell from run A to run B, and whether that is more than noise. */
import type { LoadResult } from '../../clients/load/result.ts'
import type { Cell, Outcome } from '../document/document.ts'
import { calmResultOf, resultOf } from '../figures/figures.ts'
import { type Estimate, isDistinguishable, median } from '../figures/statistics.ts'
import { unpairedRatio } from '../figures/unpaired.ts'
import { lossesGrown } from './losses.ts'

/**
 * `?`: both runs have the figures, but too few rounds to judge them. `failed`: one of the runs has
 * no figures.
 */
export type Verdict = 'faster' | 'slower' | '≈' | '?' | 'failed'

/** One figure in both runs. */
export interface Change {
  /** The medians; null for a run that doesn't have the figure. */
  readonly a: number | null
  readonly b: number | null
  /** B ÷ A, see unpairedRatio; null if a or b is. */
  readonly ratio: Estimate | null
}

const FIGURES = {
  cpuPerMessage: ({ server }: LoadResult) => server?.cpuPerMessage,
  messagesPerSecond: (result: LoadResult) => result.messagesPerSecond,
  /** In an open loop from when a message was due. */
  p50: ({ latency }: LoadResult) => latency?.p50,
  p99: ({ latency }: LoadResult) => latency?.p99,
}

type FigureName = keyof typeof FIGURES
export type Changes = Readonly<Record<FigureName, Change>>

export interface Judged extends Changes {
  readonly verdict: Verdict
  /** What is worse in B, a phrase each. */
  readonly regressions: readonly string[]
}

/** At most this share of the cells in which nothing has changed is called faster or slower. */
export const FALSE_VERDICTS = 0.05
/** What leads to a verdict: more or less CPU, less throughput, a higher p50, a higher p99. */
const DIRECTIONS = 5
/** The coverage of each interval: what lies beyond its ends adds up (Bonferroni). */
const SURE = 1 - 2 * (FALSE_VERDICTS / DIRECTIONS)

/**
 * In a closed loop the throughput says already how long replies take, and in short windows the
 * slowest are few: there a latency counts when it has doubled, a change of 100 per cent.
 */
const CLOSED_LOOP_THRESHOLD = 100

/** @param noiseThreshold in per cent: a smaller change is taken for noise */
export function judgeCell(a: Cell, b: Cell, noiseThreshold: number): Judged {
  const change = (figure: FigureName) => changeOf(valuesOf(a, figure), valuesOf(b, figure))
  const changes: Changes = {
    cpuPerMessage: change('cpuPerMessage'),
    messagesPerSecond: change('messagesPerSecond'),
    p50: change('p50'),
    p99: change('p99'),
  }
  const isOpen = b.load.rate > 0
  const ofLatency = isOpen ? noiseThreshold : Math.max(noiseThreshold, CLOSED_LOOP_THRESHOLD)
  const worse = [
    ...rising('CPU per message', changes.cpuPerMessage, noiseThreshold),
    ...falling('messages/s', changes.messagesPerSecond, noiseThreshold),
    ...rising('p50', changes.p50, ofLatency),
    ...rising('p99', changes.p99, ofLatency),
  ]
  return {
    ...changes,
    verdict: verdictOf(changes, worse, noiseThreshold, isMeasured(a) && isMeasured(b)),
    regressions: [...worse, ...failures(a, b), ...lossesGrown(a, b, SURE, noiseThreshold)],
  }
}

/** The change from `a` to `b`. */
export function changeOf(a: readonly number[], b: readonly number[]): Change {
  return { a: median(a), b: median(b), ratio: unpairedRatio(a, b, SURE) }
}

/** True if a round was measured, even if the machine was busy with other work. */
export function isMeasured({ rounds }: Cell): boolean {
  return rounds.some(resultOf)
}

function verdictOf(
  changes: Changes,
  worse: readonly string[],
  noiseThreshold: number,
  areMeasured: boolean,
): Verdict {
  const { cpuPerMessage, messagesPerSecond } = changes
  const deciding = cpuPerMessage.ratio ?? messagesPerSecond.ratio
  if (!areMeasured) return 'failed'
  if (deciding?.coverage == null) return '?'
  if (worse.length > 0) return 'slower'
  // Other work on the machine disturbs CPU per message least: it decides wherever it is known.
  const better = cpuPerMessage.ratio
    ? falling('', cpuPerMessage, noiseThreshold)
    : rising('', messagesPerSecond, noiseThreshold)
  return better.length > 0 ? 'faster' : '≈'
}

/** `p99 ×10.00` if the figure is higher in B, and that is more than noise. */
function rising(name: string, { ratio }: Change, threshold: number): string[] {
  return ratio && ratio.median > 1 && isMoreThanNoise(ratio, threshold) ? [times(name, ratio)] : []
}

function falling(name: string, { ratio }: Change, threshold: number): string[] {
  return ratio && ratio.median < 1 && isMoreThanNoise(ratio, threshold) ? [times(name, ratio)] : []
}

function isMoreThanNoise(ratio: Estimate, threshold: number): boolean {
  return isDistinguishable(ratio) && Math.abs(ratio.median - 1) * 100 >= threshold
}

function times(name: string, { median: ratio }: Estimate): string {
  return `${name} ×${ratio.toFixed(2)}`
}

/** The reason why B has no figures where A has, or why one of its rounds has failed. */
function failures(a: Cell, b: Cell): string[] {
  const failed = b.rounds.find(isFailed)
  const isNew = isMeasured(a) && !isMeasured(b)
  if (failed) return isNew || !a.rounds.some(isFailed) ? [`failed: ${failed.reason}`] : []
  if (!isNew) return []
  const [leftOut] = b.rounds.filter((outcome) => outcome.kind === 'left out')
  return [leftOut ? `left out: ${leftOut.reason}` : 'not measured: B was interrupted before it']
}

function isFailed(outcome: Outcome): outcome is Outcome & { kind: 'failed' } {
  return outcome.kind === 'failed'
}

/** A figure of 0 counts as unknown: the clock was too coarse, since nothing costs no time. */
function valuesOf({ rounds }: Cell, figure: FigureName): number[] {
  return rounds.flatMap((outcome) => {
    const result = calmResultOf(outcome)
    return (result && FIGURES[figure](result)) || []
  })
}
