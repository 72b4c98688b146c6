/** Tables and texts for a terminal of 80 columns: none of them may wrap or collide. */
import type { ReportTable } from './report-table.ts'

export const TERMINAL_WIDTH = 80
/** Spaces between two columns. */
const GAP = 2

/**
 * The table without the columns that have no room in `width`: those with the least weight go first.
 * A note names them, and the flag that shows them.
 */
export function fitted(table: ReportTable, width: number): ReportTable {
  const left = table.columns.map((_, i) => i)
  const dropped: string[] = []
  while (widthOf(table, left) > width) {
    const candidates = left.filter((i) => table.columns[i]!.weight !== undefined)
    const [lightest] = candidates.toSorted((a, b) => weightOf(table, a) - weightOf(table, b))
    if (lightest === undefined) break
    left.splice(left.indexOf(lightest), 1)
    dropped.push(table.columns[lightest]!.title)
  }
  if (dropped.length === 0) return table
  return {
    ...table,
    columns: left.map((i) => table.columns[i]!),
    rows: table.rows.map((row) => left.map((i) => row[i] ?? '')),
    notes: [...table.notes, `--wide also shows: ${dropped.toReversed().join(', ')}`],
  }
}

/** The lines of a text, none longer than `width`; all but the first are indented. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = []
  let line = ''
  // The space within a number, such as 17 198, is no place for a line to break.
  for (const word of text.split(/ (?!\d{3}\b)/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width || line.trim() === '') line = longer
    else {
      lines.push(line)
      line = `  ${word}`
    }
  }
  return [...lines, line].join('\n')
}

function widthOf({ columns, rows }: ReportTable, shown: readonly number[]): number {
  const widths = shown.map((i) => {
    const fields = [columns[i]!.title, ...rows.map((row) => row[i] ?? '')]
    return Math.max(...fields.map((field) => [...field].length))
  })
  return widths.reduce((a, b) => a + b, 0) + GAP * (widths.length - 1)
}

function weightOf({ columns }: ReportTable, column: number): number {
  return columns[column]!.weight ?? Number.POSITIVE_INFINITY
}
