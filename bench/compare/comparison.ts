/**
 * Two runs, A and B, cell by cell: what has become faster or slower.
 *
 * The runs are apart in time, so no round of one belongs to a round of the other, and ratios within
 * a round, which a single run has, can't be made. What is compared are the medians of both sides;
 * how sure one can be of their ratio, an unpaired bootstrap says: each side is drawn from itself.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BenchDocument, Cell } from '../document/document.ts'
import { resultOf } from '../figures/figures.ts'
import { type Estimate, isDistinguishable, median, Random } from '../figures/statistics.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from '../run/rows.ts'
import { describeLoad } from '../workloads.ts'

/** `failed`: a side has no figures. */
export type Verdict = 'faster' | 'slower' | '≈' | 'failed'

/** One figure on both sides; null where a side doesn't have it. */
export interface Change {
  /** The medians. */
  readonly a: number | null
  readonly b: number | null
  /** B ÷ A, with its 95 % interval. */
  readonly ratio: Estimate | null
}

export type CellName = Pick<Cell, 'model' | 'wait' | 'workload' | 'load'>

export interface ComparedCell extends CellName {
  readonly messagesPerSecond: Change
  readonly cpuPerMessage: Change
  readonly verdict: Verdict
  /** In what B is worse, a phrase each. */
  readonly regressions: readonly string[]
}

export interface Comparison {
  /** Per cent; a change below it is taken for noise. */
  readonly noiseThreshold: number
  /** Those that both have, in the order of B. */
  readonly cells: readonly ComparedCell[]
  readonly onlyInA: readonly CellName[]
  readonly onlyInB: readonly CellName[]
  /** What is to be read with it, a line each. */
  readonly notes: readonly string[]
}

/** The two must be comparable: see comparability.ts. */
export function compareRuns(
  a: BenchDocument,
  b: BenchDocument,
  noiseThreshold: number,
): Comparison {
  const [cellsA, cellsB] = [a, b].map(({ cells }) => cells.filter(wasTried)) as [Cell[], Cell[]]
  const cells = cellsB.flatMap((cell) => {
    const before = cellsA.find((other) => isSame(other, cell))
    return before ? [compareCells(before, cell, noiseThreshold)] : []
  })
  return {
    noiseThreshold,
    cells,
    onlyInA: without(cellsA, cellsB),
    onlyInB: without(cellsB, cellsA),
    notes: [...differentVersions(a, b), ...interruptions(a, b), ...doubts(cells)],
  }
}

/** The regressions of all cells, a line each. */
export function regressionsOf({ cells }: Comparison): string[] {
  return cells.flatMap(({ model, wait, load, regressions }) =>
    regressions.map((what) => `${model} ${wait} (${describeLoad(load)}): ${what}`),
  )
}

function compareCells(a: Cell, b: Cell, noiseThreshold: number): ComparedCell {
  const messagesPerSecond = changeOf(rates(a), rates(b))
  const cpuPerMessage = changeOf(costs(a), costs(b))
  // CPU per message is what other work on the machine disturbs least. Where it can't be had, the
  // time per message must do: the rate, turned over.
  const timeRatio = () => changeOf(rates(a).map(inverse), rates(b).map(inverse)).ratio
  const verdict = verdictOf(cpuPerMessage.ratio ?? timeRatio(), noiseThreshold)
  const { model, wait, workload, load } = b
  const regressions = worsenings(a, b, verdict)
  return { model, wait, workload, load, messagesPerSecond, cpuPerMessage, verdict, regressions }
}

/** @param cost B ÷ A: above 1, B costs more */
function verdictOf(cost: Estimate | null, noiseThreshold: number): Verdict {
  if (cost === null) return 'failed'
  const isSmall = Math.abs(cost.median - 1) * 100 < noiseThreshold
  const isUnsure = cost.low !== null && !isDistinguishable(cost)
  if (isSmall || isUnsure) return '≈'
  return cost.median > 1 ? 'slower' : 'faster'
}

function worsenings(a: Cell, b: Cell, verdict: Verdict): string[] {
  const failure = failureOf(b)
  const kinds = errorsOf(a)
  const lost = Object.entries(errorsOf(b)).filter(([kind]) => !(kind in kinds))
  return [
    ...(verdict === 'slower' ? ['slower'] : []),
    ...(failure !== undefined && failureOf(a) === undefined ? [`failed: ${failure}`] : []),
    ...lost.map(([kind, count]) => `errors that A had not: ${count} ${kind}`),
  ]
}

/** Why a round has failed; undefined if none has. */
function failureOf({ rounds }: Cell): string | undefined {
  return rounds.find((outcome) => outcome.kind === 'failed')?.reason
}

/** The lost connections of all measured rounds, by kind. */
function errorsOf({ rounds }: Cell): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const outcome of rounds) {
    for (const [kind, count] of Object.entries(resultOf(outcome)?.errors ?? {})) {
      sum[kind] = (sum[kind] ?? 0) + count
    }
  }
  return sum
}

/** Drawn samples, and how many of their ratios lie outside of the interval on each side. */
const DRAWS = 1000
const OUTSIDE = DRAWS * 0.025
const FEWEST = 3

/** What `b` is to `a`; always the same for the same. */
export function changeOf(a: readonly number[], b: readonly number[]): Change {
  const [before, after] = [median(a), median(b)]
  if (before === null || after === null) return { a: before, b: after, ratio: null }
  const ratio = { median: after / before, ...intervalOf(a, b) }
  return { a: before, b: after, ratio }
}

function intervalOf(a: readonly number[], b: readonly number[]): Pick<Estimate, 'low' | 'high'> {
  if (a.length < FEWEST || b.length < FEWEST) return { low: null, high: null }
  const random = new Random(a.length * b.length)
  const drawn = (values: readonly number[]) =>
    median(values.map(() => values[random.below(values.length)])) ?? 0
  const ratios = Array.from({ length: DRAWS }, () => drawn(b) / drawn(a)).toSorted((x, y) => x - y)
  return { low: ratios[OUTSIDE]!, high: ratios[DRAWS - 1 - OUTSIDE]! }
}

function rates({ rounds }: Cell): number[] {
  return rounds.map((outcome) => resultOf(outcome)?.messagesPerSecond).filter(isKnown)
}

function costs({ rounds }: Cell): number[] {
  return rounds.map((outcome) => resultOf(outcome)?.server?.cpuPerMessage).filter(isKnown)
}

/** Nothing costs nothing: at 0 the clock was too coarse to see it. */
function isKnown(value: number | null | undefined): value is number {
  return value != null && value > 0
}

function inverse(rate: number): number {
  return 1 / rate
}

/** A cell that was left out, or that Ctrl-C came before, is as good as not there. */
function wasTried({ rounds }: Cell): boolean {
  return rounds.some(({ kind }) => kind !== 'left out')
}

function without(cells: readonly Cell[], others: readonly Cell[]): CellName[] {
  return cells
    .filter((cell) => !others.some((other) => isSame(cell, other)))
    .map(({ model, wait, workload, load }) => ({ model, wait, workload, load }))
}

function isSame(a: Cell, b: Cell): boolean {
  const isSameRow = a.model === b.model && a.wait === b.wait && a.workload === b.workload
  return isSameRow && isDeepStrictEqual(a.load, b.load)
}

function differentVersions({ versions: a }: BenchDocument, { versions: b }: BenchDocument) {
  const names = Object.keys({ ...a, ...b }).filter((name) => a[name] !== b[name])
  return names.map((name) => `${name}: ${a[name] ?? 'none'} in A, ${b[name] ?? 'none'} in B`)
}

function interruptions(a: BenchDocument, b: BenchDocument): string[] {
  const text = (side: string) => `${side} was interrupted, and is compared as far as it goes`
  return [...(a.interrupted ? [text('A')] : []), ...(b.interrupted ? [text('B')] : [])]
}

/** The code of a yardstick is the same in both runs, or nearly: what it shows is the machine. */
const YARDSTICKS = [C_EPOLL, NODE_NET, NODE_HTTP]

function doubts(cells: readonly ComparedCell[]): string[] {
  const compared = cells.filter(({ verdict }) => verdict !== 'failed')
  const deciding = compared.map((cell) => cell.cpuPerMessage.ratio ?? cell.messagesPerSecond.ratio)
  const isUnsure = deciding.some((ratio) => ratio?.low === null)
  const few = 'fewer than three rounds on a side: without an interval the threshold alone decides'
  const hasNoClock = compared.some(({ cpuPerMessage: { ratio } }) => ratio === null)
  const noClock = 'CPU time unknown on a side: the throughput decides'
  const hasMoved = compared.some(
    ({ model, verdict }) => YARDSTICKS.includes(model) && verdict !== '≈',
  )
  const moved =
    'a yardstick has changed as well, so the machine has: what changed alike says nothing'
  return [
    ...(isUnsure ? [few] : []),
    ...(hasNoClock ? [noClock] : []),
    ...(hasMoved ? [moved] : []),
  ]
}
