/** The report for a terminal: aligned tables, with colour where the terminal has it. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { BenchDocument } from '../document/document.ts'
import { waitedPercent } from '../figures/contention.ts'
import { describeLoad } from '../workloads.ts'
import { blocksOf } from './blocks.ts'
import { findings } from './findings.ts'
import { fitted, TERMINAL_WIDTH, wrapped } from './fit.ts'
import { describePinning } from './pinning-text.ts'
import type { ReportTable } from './report-table.ts'
import { footnotes, tablesOf } from './tables.ts'

export interface TerminalStyle {
  /** False for a pipe, a file, or NO_COLOR. */
  readonly colour?: boolean
  /** All columns, however long the lines become; else what fits into 80. */
  readonly wide?: boolean
}

export function renderTerminal(document: BenchDocument, style: TerminalStyle = {}): string {
  const width = style.wide ? Number.POSITIVE_INFINITY : TERMINAL_WIDTH
  const tables = tablesOf(document).map((table) => renderTable(table, width, style))
  const pinning = `Measured with ${describePinning(document.parameters.pinned)}.`
  const remarks = [pinning, ...interruption(document), ...footnotes(document)]
  const lines = (texts: readonly string[]) => texts.map((text) => wrapped(text, width)).join('\n')
  return [...tables, lines(remarks), lines(findings(document))].filter(Boolean).join('\n\n')
}

/** Which rounds an interrupted run has. */
function interruption({ interrupted, parameters, cells }: BenchDocument): string[] {
  if (!interrupted) return []
  const counts = cells.map(({ rounds }) => rounds.length)
  const [least, most] = [Math.min(...counts), Math.max(...counts)]
  const what = 'The run was interrupted: this is what was measured until then'
  return [`${what}, ${least} to ${most} of ${parameters.rounds} rounds of each row.`]
}

/** The meaning of each column, a line each; columns with the same title and meaning once. */
export function explain(document: BenchDocument): string {
  const columns = tablesOf(document).flatMap((table) => table.columns)
  const width = Math.max(...columns.map(({ title }) => title.length))
  const lines = columns.map(({ title, meaning }) => `${title.padEnd(width)}  ${meaning}`)
  return [...new Set(lines), ...waits(document)].join('\n')
}

/** For each load, the rounds of each row in which others kept it waiting for a CPU. */
function waits(document: BenchDocument): string[] {
  return blocksOf(document).map(({ load, cells }) => {
    const shares = cells.flatMap((cell) => {
      const waited = cell.rounds.map(waitedPercent).filter((percent) => percent !== null)
      return waited.length > 0 ? [`${cell.model} ${cell.wait} ${waited.join(' ')}`] : []
    })
    const what = `Per cent of each window in which others kept it waiting, ${describeLoad(load)}`
    return `${what}: ${shares.join(', ') || 'unknown on this machine'}`
  })
}

function renderTable(whole: ReportTable, width: number, { colour }: TerminalStyle): string {
  const { title, columns, figuresFrom, rows, notes, warnings } = fitted(whole, width)
  const titles = columns.map((column) => column.title)
  const [head = '', ...lines] = aligned(titles, rows, (i) => i >= figuresFrom).split('\n')
  const style = (format: 'bold' | 'dim', text: string) => (colour ? styleText(format, text) : text)
  const below = [...notes, ...warnings].map((text) => wrapped(text, width))
  return [style('bold', title), style('dim', head), ...lines, ...below].join('\n')
}

/** A table without rules. @param isFigure tells which columns are aligned to the right */
export function aligned(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  isFigure: (column: number) => boolean,
): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (isFigure(i) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_BORDERS,
  })
  table.push(...rows.map((row) => [...row]))
  return table.toString().replace(/ +$/gm, '')
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
)
