/** The tables of a run, which the terminal, Markdown and HTML show, each in its own form. */
import { amount } from '../../clients/terminal.ts'
import type { BenchDocument, Cell, Parameters } from '../document/document.ts'
import { cpuRatio, figures } from '../figures/figures.ts'
import { isDistinguishable, median } from '../figures/statistics.ts'
import { warningsOf } from '../figures/warnings.ts'
import { connectionsOf, describeLoad, type Load } from '../workloads.ts'
import { type Block, blocksOf } from './blocks.ts'
import { COST_SHEET, type Column, columnsOf, maybe } from './columns.ts'
import { pairTables } from './pairs.ts'
import { MODEL, type ReportTable, WAITS_ON } from './report-table.ts'

/** All tables of a run, in their groups. */
export interface ReportTables {
  /** One table for each block, in the same order. */
  readonly loads: readonly ReportTable[]
  readonly pairs: readonly ReportTable[]
  readonly costs: readonly ReportTable[]
}

export function groupsOf(document: BenchDocument): ReportTables {
  const blocks = blocksOf(document)
  return {
    loads: blocks.map((block) => loadTable(block, document.parameters)),
    pairs: pairTables(blocks),
    costs: costSheet(blocks, document.parameters),
  }
}

/** The tables of all groups, one after the other. */
export function tablesOf(document: BenchDocument): ReportTable[] {
  const { loads, pairs, costs } = groupsOf(document)
  return [...loads, ...pairs, ...costs]
}

/** The reasons why cells are empty, a line each. */
export function footnotes({ cells }: BenchDocument): string[] {
  const reasons = cells.flatMap(({ model, wait, load, rounds }) =>
    rounds.flatMap((outcome) => {
      if (outcome.kind === 'measured') return []
      const where = outcome.kind === 'failed' ? `, ${wait}, ${describeLoad(load)}` : ''
      return [`${outcome.kind}: ${model}${where}: ${outcome.reason}`]
    }),
  )
  return [...new Set(reasons)]
}

const GENERATOR = 'load generator'
const OF_GENERATOR =
  'the last row is the load generator: its own CPU per message, and the rate at which it would ' +
  'use a whole CPU: its ceiling'

function loadTable({ shows, load, cells }: Block, parameters: Parameters): ReportTable {
  const columns = columnsOf(load, cells)
  return {
    title: loadTitle(load, parameters),
    shows,
    columns: [{ ...MODEL, meaning: `${MODEL.meaning}; ${OF_GENERATOR}` }, WAITS_ON, ...columns],
    figuresFrom: 2,
    rows: [...cells.map((cell) => row(cell, columns, cells)), generatorRow(cells, columns)],
    notes: [...ranking(cells), ...(load.rate > 0 ? [COORDINATED_OMISSION] : [])],
    warnings: warningsOf(cells),
  }
}

const COORDINATED_OMISSION =
  '“due” counts from when a message should have been sent, “sent” from when it was. While a server ' +
  'is slow a closed loop sends less, and so notes one slow reply where users would have met many: ' +
  'coordinated omission. Where the two differ, believe “due”.'

function row(cell: Cell, columns: readonly Column[], block: readonly Cell[]): string[] {
  const measured = figures(cell)
  const values = columns.map(({ show }) => (measured ? show(measured, cell, block) : '–'))
  return [cell.model, cell.wait, ...values]
}

function generatorRow(cells: readonly Cell[], columns: readonly Column[]): string[] {
  const cost = median(cells.map((cell) => figures(cell)?.clientPerMessage))
  const known: Record<string, string> = {
    'messages/s': maybe(cost || null, (microseconds) => amount(1e6 / microseconds)),
    'CPU µs/msg': maybe(cost, (microseconds) => microseconds.toFixed(2)),
  }
  return [GENERATOR, '', ...columns.map((column) => known[column.title] ?? '–')]
}

/**
 * The rows in the order of their CPU per message: `<` stands between two rows that differ, `≈`
 * between two whose ratio may as well be 1. Empty if there are too few rounds for intervals.
 */
function ranking(cells: readonly Cell[]): string[] {
  const ranked = cells
    .map((cell) => ({ cell, cost: figures(cell)?.cpuPerMessage }))
    .filter((one): one is { cell: Cell; cost: number } => one.cost != null)
    .toSorted((a, b) => a.cost - b.cost)
    .map(({ cell }) => cell)
  const pairs = ranked.slice(1).map((cell, i) => cpuRatio(cell, ranked[i]!))
  if (pairs.length === 0 || pairs.every((pair) => pair === null || pair.low === null)) return []
  const text = ranked.map((cell, i) => {
    const pair = pairs[i - 1]
    const sign = pair && isDistinguishable(pair) ? '<' : '≈'
    return `${i > 0 ? ` ${sign} ` : ''}${cell.model} ${cell.wait}`
  })
  return [`CPU per message: ${text.join('')}`]
}

/**
 * A table with all costs of each row, under the load nearest to `many` with 100 connections. Empty
 * if the run has no plain closed loop.
 */
function costSheet(blocks: readonly Block[], parameters: Parameters): ReportTable[] {
  const isPlain = ({ load }: Block) =>
    connectionsOf(load) === load.connections && load.rate === 0 && !load.churn
  const distance = ({ workload, load }: Block) =>
    Math.abs(Math.log(load.connections / 100)) + (workload === 'many' ? 0 : 1)
  const [block] = blocks.filter(isPlain).toSorted((a, b) => distance(a) - distance(b))
  if (!block) return []
  const idle = blocks.find(({ load }) => load.idle > 0)
  const columns = [...COST_SHEET, bytesPerIdle(idle)]
  return [
    {
      title: `What each costs, with ${loadTitle(block.load, parameters)}`,
      shows: '',
      columns: [MODEL, WAITS_ON, ...columns],
      figuresFrom: 2,
      rows: block.cells.map((cell) => row(cell, columns, block.cells)),
      notes: parameters.systemCalls ? [] : ['--costs counts system calls as well.'],
      warnings: [],
    },
  ]
}

function bytesPerIdle(idle: Block | undefined): Column {
  const show: Column['show'] = (_, { model, wait }) => {
    const cell = idle?.cells.find((one) => one.model === model && one.wait === wait)
    return maybe(cell && figures(cell)?.residentPerConnection, amount)
  }
  const meaning = 'bytes of memory that each connection has added where nearly all are silent'
  return { title: 'B/idle', meaning, show }
}

function loadTitle(load: Load, { duration, rounds }: Parameters): string {
  const often = rounds > 1 ? `, medians of ${rounds} rounds` : ''
  return `${describeLoad(load)}, ${load.seconds ?? duration} s${often}`
}
