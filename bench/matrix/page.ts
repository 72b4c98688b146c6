/** The page docs/semantics.md: a row for each server, a column for each promise. */
import { PROMISES } from '../../clients/check/promises.ts'
import type { MatrixCell, MatrixDocument, MatrixRow } from './document.ts'

const SIGNS: Record<MatrixCell['verdict'], string> = {
  kept: '✓',
  broken: '✗',
  "can't tell": '?',
}

/** At these lines the page is cut: what stands between them is made anew. */
const BEGIN = '<!-- matrix -->'
const END = '<!-- /matrix -->'

/** Throws if the page has no place for the tables. */
export function withTables(page: string, document: MatrixDocument): string {
  const [before, rest] = page.split(BEGIN)
  const after = rest?.split(END)[1]
  if (before === undefined || after === undefined) {
    throw new Error(`the page needs the lines ${BEGIN} and ${END}`)
  }
  return `${before}${BEGIN}\n\n${renderTables(document)}\n${END}${after}`
}

function renderTables({ rows, date, system }: MatrixDocument): string {
  const of = (kind: MatrixRow['kind']) => rows.filter((row) => row.kind === kind)
  return [
    `Found out on ${date.slice(0, 10)}, on ${system}.`,
    '## The models',
    ...section(of('model')),
    '## The bare servers',
    ...section(of('bare')),
    '## The originals',
    ...section(of('original')),
  ]
    .map((block) => `${block}\n`)
    .join('\n')
}

function section(rows: readonly MatrixRow[]): string[] {
  if (rows.length === 0) return ['None was found on the machine.']
  const evidence = rows.map(evidenceOf).filter((text) => text !== '')
  return [table(rows), ...evidence]
}

function table(rows: readonly MatrixRow[]): string {
  const head = ['server', ...PROMISES.map((title, i) => `${i + 1} ${title}`)]
  const lines = rows.map((row) => [
    label(row),
    ...PROMISES.map((_, i) => {
      const cell = row.promises.find(({ promise }) => promise === i + 1)
      return cell ? SIGNS[cell.verdict] : ''
    }),
  ])
  const widths = head.map((text, i) =>
    Math.max(text.length, ...lines.map((line) => line[i]!.length)),
  )
  const padded = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [padded(head), rule, ...lines.map(padded)].join('\n')
}

function evidenceOf(row: MatrixRow): string {
  const lines = row.promises.flatMap(({ promise, broken, untold }) => [
    ...broken.map((text) => `- ${SIGNS.broken} ${promise}: ${escaped(text)}`),
    ...untold.map((text) => `- ${SIGNS["can't tell"]} ${promise}: ${escaped(text)}`),
  ])
  return lines.length === 0 ? '' : [`**${label(row)}**`, '', ...lines].join('\n')
}

function label({ name, wait }: MatrixRow): string {
  return wait ? `${name}, ${wait}` : name
}

function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|]/g, (char) => `\\${char}`)
}
