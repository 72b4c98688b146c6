/** The report for a terminal: aligned tables, with colour where the terminal has it. */
import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { BenchDocument } from '../document/document.ts'
import { describePinning } from './pinning-text.ts'
import type { ReportTable } from './report-table.ts'
import { footnotes, tablesOf } from './tables.ts'

/** @param colour false for a pipe, a file, or NO_COLOR */
export function renderTerminal(document: BenchDocument, colour = false): string {
  const tables = tablesOf(document).map((table) => renderTable(table, colour))
  const pinning = `Measured with ${describePinning(document.parameters.pinned)}.`
  const cut = 'The run was interrupted: this is what was measured until then.'
  const below = [pinning, ...(document.interrupted ? [cut] : []), ...footnotes(document)].join('\n')
  return [...tables, below].join('\n\n')
}

/** The meaning of each column, a line each; columns with the same title and meaning once. */
export function explain(document: BenchDocument): string {
  const columns = tablesOf(document).flatMap((table) => table.columns)
  const width = Math.max(...columns.map(({ title }) => title.length))
  const lines = columns.map(({ title, meaning }) => `${title.padEnd(width)}  ${meaning}`)
  return [...new Set(lines)].join('\n')
}

function renderTable(shown: ReportTable, colour: boolean): string {
  const { title, columns, figuresFrom, rows, notes, warnings } = shown
  const titles = columns.map((column) => column.title)
  const [head = '', ...lines] = aligned(titles, rows, (i) => i >= figuresFrom).split('\n')
  const style = (format: 'bold' | 'dim', text: string) => (colour ? styleText(format, text) : text)
  return [style('bold', title), style('dim', head), ...lines, ...notes, ...warnings].join('\n')
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
