/**
 * Compares two runs, A and B, cell by cell: what has become faster or slower, and what is worse.
 *
 * The runs were made at different times, so no round of A belongs to a round of B: ratios within a
 * round, which a single run has, are not possible. See unpaired.ts for the ratios of two runs.
 */
import { isDeepStrictEqual } from 'node:util'
import { plural } from '../../clients/terminal.ts'
import type { BenchDocument, Cell } from '../document/document.ts'
import { FEWEST_ROUNDS } from '../figures/statistics.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from '../peers/yardsticks.ts'
import { describeLoad } from '../workloads.ts'
import { isMeasured, type Judged, judgeCell } from './verdict.ts'

export type CellName = Pick<Cell, 'model' | 'wait' | 'workload' | 'load'>
export type ComparedCell = CellName & Judged

export interface Comparison {
  /** In per cent: a smaller change is taken for noise. */
  readonly noiseThreshold: number
  /** The cells that both runs have, in the order of B. */
  readonly cells: readonly ComparedCell[]
  /** The cells that A has measured and that B doesn't have: each is a regression. */
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
  const cells = b.cells.flatMap((cell) => {
    const before = a.cells.find((other) => isSame(other, cell) && wasTried(other))
    return before ? [{ ...nameOf(cell), ...judgeCell(before, cell, noiseThreshold) }] : []
  })
  return {
    noiseThreshold,
    cells,
    onlyInA: without(a.cells.filter(isMeasured), b.cells),
    onlyInB: without(b.cells.filter(wasTried), a.cells.filter(wasTried)),
    notes: [
      ...differentVersions(a, b),
      ...interruptions(a, b),
      ...sharedServers(b),
      ...doubts(cells),
    ],
  }
}

/** Without, there is nothing to compare, whatever else the runs differ in. */
export function haveCommonCells(a: BenchDocument, b: BenchDocument): boolean {
  return b.cells.some((cell) => a.cells.some((other) => isSame(cell, other)))
}

/** The regressions of the cells that both runs have, a line each. */
export function regressionsOf({ cells }: Comparison): string[] {
  return cells.flatMap(({ model, wait, load, regressions }) =>
    regressions.map((what) => `${model} ${wait} (${describeLoad(load)}): ${what}`),
  )
}

/** All regressions, the missing cells included. */
export function countRegressions(comparison: Comparison): number {
  return regressionsOf(comparison).length + comparison.onlyInA.length
}

/** Both runs have the figure that decides. */
export function isCompared({ cpuPerMessage, messagesPerSecond }: ComparedCell): boolean {
  return (cpuPerMessage.ratio ?? messagesPerSecond.ratio) !== null
}

/** A cell that was left out in every round, or that Ctrl-C came before, has nothing to compare. */
function wasTried({ rounds }: Cell): boolean {
  return rounds.some(({ kind }) => kind !== 'left out')
}

function without(cells: readonly Cell[], others: readonly Cell[]): CellName[] {
  return cells.filter((cell) => !others.some((other) => isSame(cell, other))).map(nameOf)
}

function nameOf({ model, wait, workload, load }: Cell): CellName {
  return { model, wait, workload, load }
}

function isSame(a: CellName, b: CellName): boolean {
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

function sharedServers({ parameters }: BenchDocument): string[] {
  if (!parameters.sharedServers) return []
  const what = 'all rounds of a cell measured one start of its server'
  return [`${what}: two starts may differ by more than the intervals say`]
}

/**
 * The yardsticks, plain servers to compare with, have the same code in both runs, or nearly: a
 * change in their figures comes from the machine.
 */
const YARDSTICKS = [C_EPOLL, NODE_NET, NODE_HTTP]

function doubts(cells: readonly ComparedCell[]): string[] {
  const compared = cells.filter(isCompared)
  const hasNoClock = compared.some(({ cpuPerMessage: { ratio } }) => ratio === null)
  const noClock = 'CPU time unknown on a side: the throughput decides'
  const hasMoved = compared.some(
    ({ model, verdict }) => YARDSTICKS.includes(model) && ['faster', 'slower'].includes(verdict),
  )
  const moved =
    'a plain server to compare with (C, node:net or node:http) has changed as well, so the machine ' +
    'has: an equal change of a model says nothing'
  return [...unjudged(cells), ...(hasNoClock ? [noClock] : []), ...(hasMoved ? [moved] : [])]
}

function unjudged(cells: readonly ComparedCell[]): string[] {
  const few = cells.filter(({ verdict }) => verdict === '?')
  if (few.length === 0) return []
  const why = `fewer than ${FEWEST_ROUNDS} rounds on a side, those left out in which the machine was busy`
  return [`no verdict (?) on ${plural(few.length, 'cell')}: ${why}`]
}
