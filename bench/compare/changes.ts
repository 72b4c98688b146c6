/** What has changed from one run to another, for a terminal: a table per load, and a summary. */
import { amount, plural } from '../../clients/terminal.ts'
import type { Estimate } from '../figures/statistics.ts'
import { intervalText, maybe } from '../report/columns.ts'
import { coverageText } from '../report/coverage.ts'
import { fitted, TERMINAL_WIDTH, wrapped } from '../report/fit.ts'
import { MODEL, type ReportTable, type TableColumn, WAITS_ON } from '../report/report-table.ts'
import { aligned } from '../report/terminal.ts'
import { describeLoad } from '../workloads.ts'
import {
  type CellName,
  type ComparedCell,
  type Comparison,
  countRegressions,
  isCompared,
  regressionsOf,
} from './comparison.ts'
import { type Change, FALSE_VERDICTS } from './verdict.ts'

interface Column extends TableColumn {
  readonly show: (cell: ComparedCell) => string
}

/** The columns of a figure: in A, in B, and B ÷ A with its interval. */
function columnsOf(
  name: string,
  changeOf: (cell: ComparedCell) => Change,
  show: (figure: number) => string,
  weights: { readonly sides: number; readonly ratio: number; readonly interval: number },
): Column[] {
  const column = (title: string, weight: number, text: (change: Change) => string): Column => ({
    title,
    meaning: '',
    weight,
    show: (cell) => text(changeOf(cell)),
  })
  return [
    column(`${name} A`, weights.sides, ({ a }) => maybe(a, show)),
    column(`${name} B`, weights.sides, ({ b }) => maybe(b, show)),
    column(`${name} ÷`, weights.ratio, ({ ratio }) => maybe(ratio?.median, (n) => n.toFixed(2))),
    column(`${name} interval`, weights.interval, ({ ratio }) =>
      ratio ? intervalText(ratio) : '–',
    ),
  ]
}

const twoDecimals = (figure: number) => figure.toFixed(2)

const COLUMNS: readonly Column[] = [
  { ...MODEL, show: ({ model }) => model },
  { ...WAITS_ON, show: ({ wait }) => wait },
  ...columnsOf('µs', (cell) => cell.cpuPerMessage, twoDecimals, {
    sides: 7,
    ratio: 10,
    interval: 9,
  }),
  ...columnsOf('msg/s', (cell) => cell.messagesPerSecond, amount, {
    sides: 3,
    ratio: 8,
    interval: 4,
  }),
  ...columnsOf('p50', (cell) => cell.p50, amount, { sides: 1, ratio: 5, interval: 2 }),
  ...columnsOf('p99', (cell) => cell.p99, amount, { sides: 1, ratio: 6, interval: 2 }),
  { title: 'verdict', meaning: '', show: ({ verdict }) => verdict },
]
const FIGURES_FROM = 2

/** @param isWide all columns, however long the lines become; else what fits into 80 */
export function renderComparison(comparison: Comparison, isWide = false): string {
  const { cells, onlyInA, onlyInB, notes } = comparison
  const width = isWide ? Number.POSITIVE_INFINITY : TERMINAL_WIDTH
  const tables = [...byLoad(cells)].map(([load, block]) => tableOf(load, block, width))
  const hints = new Set(tables.flatMap((table) => table.notes))
  const regressions = [
    ...regressionsOf(comparison).map((line) => `regression: ${line}`),
    ...loneLines('regression: missing in B', onlyInA),
  ]
  const below = [[legend(cells), ...hints, ...notes], loneLines('only in B', onlyInB), regressions]
  const paragraphs = [...below, [summary(comparison)]].map((lines) =>
    lines.map((line) => wrapped(line, width)).join('\n'),
  )
  return [...tables.map((table) => renderTable(table, width)), ...paragraphs]
    .filter(Boolean)
    .join('\n\n')
}

function byLoad<Item extends CellName>(cells: readonly Item[]): Map<string, Item[]> {
  const blocks = new Map<string, Item[]>()
  for (const cell of cells) {
    const name = `${cell.workload}, ${describeLoad(cell.load)}`
    blocks.set(name, [...(blocks.get(name) ?? []), cell])
  }
  return blocks
}

/** Columns that no row has a figure for are left out. */
function tableOf(title: string, cells: readonly ComparedCell[], width: number): ReportTable {
  const columns = COLUMNS.filter(({ show }) => cells.some((cell) => show(cell) !== '–'))
  const rows = cells.map((cell) => columns.map(({ show }) => show(cell)))
  const more = { shows: '', figuresFrom: FIGURES_FROM, notes: [], warnings: [] }
  return fitted({ title, columns, rows, ...more }, width)
}

function renderTable({ title, columns, rows }: ReportTable, width: number): string {
  const isFigure = (i: number) => i >= FIGURES_FROM && i < columns.length - 1
  const titles = columns.map((column) => column.title)
  return [wrapped(title, width), aligned(titles, rows, isFigure)].join('\n')
}

function legend(cells: readonly ComparedCell[]): string {
  const changes = cells.flatMap((cell) => [cell.cpuPerMessage, cell.messagesPerSecond])
  const coverage = coverageText(changes.map(({ ratio }): Estimate | null => ratio))
  const meaning = 'µs: CPU time per message; ÷: B ÷ A, the median over all pairs of rounds'
  const why = `so that at most ${FALSE_VERDICTS * 100} of 100 cells without a change get a verdict`
  return coverage ? `${meaning}; intervals of ${coverage}, ${why}` : meaning
}

/** `only in B: many, 100 connections: raw, 64 bytes: threads libc, callbacks node`. */
function loneLines(what: string, cells: readonly CellName[]): string[] {
  return [...byLoad(cells)].map(([load, block]) => {
    const rows = block.map(({ model, wait }) => `${model} ${wait}`)
    return `${what}: ${load}: ${rows.join(', ')}`
  })
}

/** `12 cells compared: 1 slower, 2 faster, 9 ≈ (noise threshold 5 %); 1 regression`. */
function summary(comparison: Comparison): string {
  const { cells, noiseThreshold } = comparison
  const verdicts = ['slower', 'faster', '≈', '?', 'failed'].flatMap((verdict) => {
    const count = cells.filter((cell) => cell.verdict === verdict).length
    return count > 0 ? [`${count} ${verdict}`] : []
  })
  const found = plural(countRegressions(comparison), 'regression')
  const compared = `${plural(cells.filter(isCompared).length, 'cell')} compared: ${verdicts.join(', ')}`
  return `${compared} (noise threshold ${noiseThreshold} %); ${found}`
}
