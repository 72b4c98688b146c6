/** The tables of a run, which the terminal, Markdown and HTML show, each in its own form. */
import { amount } from '../../clients/terminal.ts'
import { MODELS } from '../../servers/models.ts'
import type { BenchDocument, Cell, Parameters } from '../document/document.ts'
import { isCrowded } from '../figures/contention.ts'
import { figures, resultOf } from '../figures/figures.ts'
import { median } from '../figures/statistics.ts'
import { warningsOf } from '../figures/warnings.ts'
import { connectionsOf, describeLoad, type Load } from '../workloads.ts'
import { type Block, blocksOf } from './blocks.ts'
import { COST_SHEET, type Column, columnsOf, maybe } from './columns.ts'
import { pairTables } from './pairs.ts'
import { promisesCostTables } from './promises-cost.ts'
import { ranking } from './ranking.ts'
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
    pairs: [...pairTables(blocks), ...promisesCostTables(blocks)],
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

function loadTable({ shows, load, cells }: Block, parameters: Parameters): ReportTable {
  const columns = columnsOf(load, cells)
  return {
    title: loadTitle(load, parameters, cells),
    shows,
    columns: [MODEL, WAITS_ON, ...columns],
    figuresFrom: 2,
    rows: cells.map((cell) => row(cell, columns, cells)),
    notes: [
      ...ranking(cells),
      ...generatorNote(cells),
      ...oneCoreNote(cells, parameters),
      ...(load.rate > 0 ? [COORDINATED_OMISSION] : []),
    ],
    warnings: [...warningsOf(cells), ...crowdedNote(cells)],
  }
}

const COORDINATED_OMISSION =
  '“due” counts from when a message should have been sent, “sent” from when it was. While a server ' +
  'is slow a closed loop sends less, and so notes one slow reply where users would have met many: ' +
  'coordinated omission. Where the two differ, believe “due”.'

function row(cell: Cell, columns: readonly Column[], block: readonly Cell[]): string[] {
  const measured = figures(cell)
  const values = columns.map(({ show }) => (measured ? show(measured, cell, block) : '–'))
  const mark = measured?.crowded ? '?' : ''
  return [cell.model, cell.wait, ...values.map((value) => (value === '–' ? value : value + mark))]
}

/** The load generator is no competitor: its cost and its ceiling stand below the table. */
function generatorNote(cells: readonly Cell[]): string[] {
  const cost = median(cells.map((cell) => figures(cell)?.clientPerMessage))
  if (!cost) return []
  const ceiling = amount(1e6 / cost)
  const what = `The load generator used ${cost.toFixed(2)} µs of CPU per message`
  return [`${what}: one core of it reaches ${ceiling} messages/s.`]
}

/** The models that several cores would help: here they have the same core as all others. */
function oneCoreNote(cells: readonly Cell[], { pinned }: Parameters): string[] {
  const parallel = MODELS.filter(
    ({ takes }) => takes.includes('threads') || takes.includes('workers'),
  )
  const names = parallel.map(({ id }) => id).filter((id) => cells.some(({ model }) => model === id))
  if (pinned?.parallelServers.length !== 1 || names.length === 0) return []
  const who = names.join(' and ')
  return [`${who} could use several cores and had one, as all servers here: more is not shown.`]
}

/** Says which figures are marked, and which rounds are missing in the others. */
function crowdedNote(cells: readonly Cell[]): string[] {
  const crowded = cells.filter((cell) => cell.rounds.some(isCrowded))
  const marked = crowded.filter((cell) => figures(cell)?.crowded)
  const partly = crowded.filter((cell) => !marked.includes(cell))
  const names = (some: readonly Cell[]) => some.map(({ model, wait }) => `${model} ${wait}`)
  return [
    ...(marked.length > 0
      ? [
          `? the machine was busy in every round, and nothing is made of: ${names(marked).join(', ')}`,
        ]
      : []),
    ...(partly.length > 0
      ? [`rounds in which the machine was busy are left out: ${names(partly).join(', ')}`]
      : []),
  ]
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
  const rows = (column: Column) => block.cells.map((cell) => row(cell, [column], block.cells))
  const isEmpty = (column: Column) => rows(column).every(([, , value]) => value === '–')
  const columns = [...COST_SHEET, bytesPerIdle(idle)].filter((column) => !isEmpty(column))
  if (columns.length === 0) return []
  return [
    {
      title: `What each costs, with ${loadTitle(block.load, parameters, block.cells)}`,
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
    return maybe(cell && figures(cell)?.residentPerIdle, amount)
  }
  const meaning = 'bytes of memory that each connection has added where nearly all are silent'
  return { title: 'B/idle', meaning, show, weight: 7 }
}

/** The length of the windows is the one that was measured, which may differ from the one asked for. */
function loadTitle(load: Load, { duration, rounds }: Parameters, cells: readonly Cell[]): string {
  const often = rounds > 1 ? `, medians of ${rounds} rounds` : ''
  const windows = cells.flatMap((cell) => cell.rounds.map((round) => resultOf(round)?.seconds))
  const seconds = median(windows) ?? load.seconds ?? duration
  return `${describeLoad(load)}, ${Number(seconds.toFixed(2))} s${often}`
}
