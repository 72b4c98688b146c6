/**
 * What a run has shown, in three to six sentences made from its figures: what can be told apart and
 * by how much, what many connections changed, and what could not be told.
 */
import { plural } from '../../clients/terminal.ts'
import type { BenchDocument, Cell } from '../document/document.ts'
import { isCrowded } from '../figures/contention.ts'
import { cpuRatio, type Figures, figures, spread } from '../figures/figures.ts'
import { type Estimate, FEWEST_ROUNDS, isDistinguishable } from '../figures/statistics.ts'
import { type Block, blocksOf } from './blocks.ts'

interface Measured {
  readonly cell: Cell
  readonly figures: Figures
  readonly cost: number
}

/** Two costs whose ratio is below this are not worth a sentence. */
const WORTH_TELLING = 1.1
const MOST_NAMES = 4

export function findings(document: BenchDocument): string[] {
  const blocks = blocksOf(document)
  const sentences = [
    ...blocks.flatMap(cheapest),
    ...growth(blocks),
    ...slowest(blocks),
    ...untold(blocks),
    ...busy(document),
  ]
  return sentences.slice(0, 6)
}

/** `With 100 connections a message costs 6.7 µs of CPU in poll-loop, … 3.1 times as much in …` */
function cheapest({ load, cells }: Block): string[] {
  const [first, ...others] = ranked(cells)
  const last = others.at(-1)
  if (!first || !last) return []
  const equal = others.filter(({ cell }) => isEqual(cell, first.cell))
  const ratio = cpuRatio(last.cell, first.cell)
  if (ratio?.low == null) return []
  const where = `With ${plural(load.connections, 'connection')}`
  const head = `${where}, a message costs the least in ${name(first)}: ${cost(first)} of CPU`
  const tail = isDistinguishable(ratio)
    ? `; the most in ${name(last)}: ${times(ratio)} as much`
    : '; no other can be told apart from it'
  const same =
    equal.length > 0 && equal.length < others.length
      ? `; ${names(equal)} can't be told apart from it`
      : ''
  return [`${head}${same}${tail}.`]
}

/** What more connections change in the cost of a message: from the second largest load on. */
function growth(blocks: readonly Block[]): string[] {
  const plain = blocks.filter(({ load }) => load.rate === 0 && load.idle === 0 && !load.churn)
  const [few, many] = plain.toSorted((a, b) => a.load.connections - b.load.connections).slice(-2)
  if (!few || !many || few.load.connections === many.load.connections) return []
  const pairs = ranked(many.cells).flatMap((after) => {
    const before = ranked(few.cells).find(({ cell }) => isSameRow(cell, after.cell))
    return before ? [{ before, after, by: after.cost / before.cost }] : []
  })
  if (pairs.length === 0) return []
  const changes = pairs.filter(({ before, after }) => areApart(before.cell, after.cell))
  const worse = changes.filter(({ by }) => by >= WORTH_TELLING).toSorted((a, b) => b.by - a.by)
  const from = `From ${plural(few.load.connections, 'connection')} to ${plural(many.load.connections, 'connection')}`
  const [worst] = worse
  if (!worst) return [`${from}, no message became dearer by a tenth or more, beyond doubt.`]
  const others = worse.slice(1).map(({ after }) => after)
  const also = others.length > 0 ? `; also dearer by a tenth or more: ${names(others)}` : ''
  const most = `a message became dearer most of all in ${name(worst.after)}`
  return [`${from}, ${most}: ${worst.by.toFixed(1)} times${also}.`]
}

/** The tail of the latencies, under the load with the most connections. */
function slowest(blocks: readonly Block[]): string[] {
  const block = blocks.toSorted((a, b) => a.load.connections - b.load.connections).at(-1)
  const rows = ranked(block?.cells ?? []).filter(({ figures: { p99 } }) => p99 !== null)
  const sorted = rows.toSorted((a, b) => a.figures.p99! - b.figures.p99!)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!block || !first || !last || first === last) return []
  const where = `With ${plural(block.load.connections, 'connection')}`
  const p99 = ({ figures: { p99 } }: Measured) => `${(p99! / 1000).toFixed(1)} ms`
  return [
    `${where}, 99 of 100 replies came within ${p99(first)} from ${name(first)}, and within ${p99(last)} from ${name(last)}.`,
  ]
}

/** How many neighbours in the order of their costs can't be told apart. */
function untold(blocks: readonly Block[]): string[] {
  const pairs = blocks.flatMap(({ cells }) => {
    const rows = ranked(cells)
    return rows.slice(1).map((row, i) => isEqual(row.cell, rows[i]!.cell))
  })
  const equal = pairs.filter(Boolean).length
  if (pairs.length === 0) {
    if (blocks.every(({ cells }) => cells.length < 2)) return []
    return ['Nothing can be compared: no two rows of a load have a measurement to themselves.']
  }
  const all = blocks.flatMap(({ cells }) => cells)
  const hasIntervals = all.some((cell) => spread(cell, 'cpuPerMessage')?.low != null)
  if (!hasIntervals) {
    return [
      `Fewer than ${FEWEST_ROUNDS} calm rounds give no intervals: nothing could be told apart.`,
    ]
  }
  const rounds = Math.max(...all.map((cell) => cell.rounds.length))
  const what = `Of ${plural(pairs.length, 'pair')} of neighbours in these orders`
  return [`${what}, ${equal} can't be told apart with ${rounds} rounds.`]
}

/** Says so if the machine was not the run's own. */
function busy({ cells }: BenchDocument): string[] {
  const measured = cells.flatMap(({ rounds }) => rounds.filter(({ kind }) => kind === 'measured'))
  const crowded = measured.filter(isCrowded).length
  if (crowded === 0) return []
  const lost = cells.filter((cell) => figures(cell)?.crowded).length
  const again =
    lost > cells.length / 2 ? ['Measure again when nothing else runs on this machine.'] : []
  const left = lost > 0 ? `; ${plural(lost, 'cell')} had none else, and are marked with ?` : ''
  return [
    `The machine was busy with other work: ${crowded} of ${measured.length} measurements waited for a CPU and are left out${left}.`,
    ...again,
  ]
}

/** The rows of a block that can be compared, the cheapest first. */
function ranked(cells: readonly Cell[]): Measured[] {
  return cells
    .flatMap((cell) => {
      const measured = figures(cell)
      const cost = measured?.cpuPerMessage
      return measured && cost && !measured.crowded ? [{ cell, figures: measured, cost }] : []
    })
    .toSorted((a, b) => a.cost - b.cost)
}

function isEqual(a: Cell, b: Cell): boolean {
  const ratio = cpuRatio(a, b)
  return !ratio || !isDistinguishable(ratio)
}

/** Cells of two loads belong to different rounds: they differ if their intervals don't meet. */
function areApart(a: Cell, b: Cell): boolean {
  const [one, other] = [spread(a, 'cpuPerMessage'), spread(b, 'cpuPerMessage')]
  if (one?.low == null || one.high == null || other?.low == null || other.high == null) return false
  return one.high < other.low || other.high < one.low
}

function isSameRow(a: Cell, b: Cell): boolean {
  return a.model === b.model && a.wait === b.wait
}

function name({ cell: { model, wait } }: Measured): string {
  return `${model} (${wait})`
}

function names(rows: readonly Measured[]): string {
  const shown = rows.slice(0, MOST_NAMES).map(name).join(', ')
  return rows.length > MOST_NAMES ? `${shown} and ${rows.length - MOST_NAMES} more` : shown
}

function cost({ cost }: Measured): string {
  return `${cost.toFixed(1)} µs`
}

/** `2.1 times (1.9–2.4)`. */
function times({ median, low, high }: Estimate): string {
  return `${median.toFixed(1)} times (${low!.toFixed(1)}–${high!.toFixed(1)})`
}
