/**
 * Compares two runs, A and B, cell by cell: what has become faster or slower.
 *
 * The runs were made at different times, so no round of A belongs to a round of B: ratios within a
 * round, which a single run has, are not possible. Instead the medians of both sides are compared.
 * An unpaired bootstrap says how sure their ratio is: samples are drawn from each side by itself.
 */
import { isDeepStrictEqual } from 'node:util'
import type { BenchDocument, Cell } from '../document/document.ts'
import { resultOf } from '../figures/figures.ts'
import { type Estimate, isDistinguishable, median, Random } from '../figures/statistics.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from '../peers/yardsticks.ts'
import { describeLoad } from '../workloads.ts'

/** `failed`: one of the runs has no figures for the cell. */
export type Verdict = 'faster' | 'slower' | '≈' | 'failed'

/** One figure in both runs. */
export interface Change {
  /** The medians; null for a run that doesn't have the figure. */
  readonly a: number | null
  readonly b: number | null
  /** B ÷ A, with its 95 % interval; null if a or b is. */
  readonly ratio: Estimate | null
}

export type CellName = Pick<Cell, 'model' | 'wait' | 'workload' | 'load'>

export interface ComparedCell extends CellName {
  readonly messagesPerSecond: Change
  readonly cpuPerMessage: Change
  readonly verdict: Verdict
  /** What is worse in B, a phrase each. */
  readonly regressions: readonly string[]
}

export interface Comparison {
  /** In per cent: a smaller change is taken for noise. */
  readonly noiseThreshold: number
  /** The cells that both runs have, in the order of B. */
  readonly cells: readonly ComparedCell[]
  readonly onlyInA: readonly CellName[]
  readonly onlyInB: readonly CellName[]
  /** Remarks that a reader of the comparison needs, a line each. */
  readonly notes: readonly string[]
}

/** The two runs must be comparable: see comparability.ts. */
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
  // Other work on the machine disturbs CPU per message least. Where CPU time is unknown, time per
  // message decides: 1 ÷ the rate.
  const timeRatio = () => changeOf(rates(a).map(inverse), rates(b).map(inverse)).ratio
  const verdict = verdictOf(cpuPerMessage.ratio ?? timeRatio(), noiseThreshold)
  const { model, wait, workload, load } = b
  const regressions = worsenings(a, b, verdict)
  return { model, wait, workload, load, messagesPerSecond, cpuPerMessage, verdict, regressions }
}

/** @param cost B ÷ A: above 1, B costs more; null if unknown */
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

/** How many samples are drawn, and how many of their ratios lie below and above the interval. */
const DRAWS = 1000
const OUTSIDE = DRAWS * 0.025
const FEWEST = 3

/** The change from `a` to `b`. Equal values give equal results. */
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

/** A figure of 0 counts as unknown: the clock was too coarse, since nothing costs no time. */
function isKnown(value: number | null | undefined): value is number {
  return value != null && value > 0
}

function inverse(rate: number): number {
  return 1 / rate
}

/** A cell that was left out in every round, or that Ctrl-C came before, is not compared. */
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

/**
 * The yardsticks, plain servers to compare with, have the same code in both runs, or nearly: a
 * change in their figures comes from the machine.
 */
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
    'a plain server to compare with (C, node:net or node:http) has changed as well, so the machine ' +
    'has: an equal change of a model says nothing'
  return [
    ...(isUnsure ? [few] : []),
    ...(hasNoClock ? [noClock] : []),
    ...(hasMoved ? [moved] : []),
  ]
}
