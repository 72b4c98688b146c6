/** The report as GitHub-flavoured Markdown. Its tables are aligned, so the file reads well, too. */
import { plural } from '../../clients/terminal.ts'
import type { BenchDocument, Parameters } from '../document/document.ts'
import { blocksOf } from './blocks.ts'
import { findings } from './findings.ts'
import { describePinning } from './pinning-text.ts'
import type { ReportTable } from './report-table.ts'
import { footnotes, groupsOf, tablesOf } from './tables.ts'

interface Section {
  readonly heading: string
  /** What the tables of the section show, in a sentence; may be empty. */
  readonly shows: string
  readonly tables: readonly ReportTable[]
}

/** The report as a page of its own. */
export function renderMarkdown(document: BenchDocument): string {
  const columns = tablesOf(document).flatMap((table) => table.columns)
  const meanings = columns.map(({ title, meaning }) => `${title}: ${meaning}`)
  const parts = ['# Benchmark results', markdownResults(document, 2), '## Columns']
  return `${[...parts, bullets([...new Set(meanings)])].join('\n\n')}\n`
}

/**
 * The results as a part of another page, without a newline at the end.
 *
 * @param level the level of the headings: 2 for `##`
 */
export function markdownResults(document: BenchDocument, level: number): string {
  const hashes = '#'.repeat(level)
  const sections = sectionsOf(document).flatMap(({ heading, shows, tables }) => [
    `${hashes} ${escaped(heading)}`,
    ...(shows ? [escaped(shows)] : []),
    ...tables.flatMap(renderTable),
  ])
  const remarks = footnotes(document)
  const below = remarks.length > 0 ? [`${hashes} Remarks`, bullets(remarks)] : []
  const seen = findings(document)
  const first = seen.length > 0 ? [bullets(seen)] : []
  return [...head(document), ...first, ...sections, ...below].join('\n\n')
}

/**
 * All tables of a workload stand under one heading, with the sentence of the workload. The tables
 * of models and originals (see pairs.ts) and the cost sheet have headings of their own.
 */
function sectionsOf(document: BenchDocument): Section[] {
  const blocks = blocksOf(document)
  const { loads, pairs, costs } = groupsOf(document)
  const workloads = document.workloads.map(({ id, shows }) => ({
    heading: id,
    shows,
    tables: loads.filter((_, i) => blocks[i]?.workload === id),
  }))
  const originals = { heading: 'Models and originals', shows: '', tables: pairs }
  const sheet = { heading: 'Costs', shows: '', tables: costs }
  return [...workloads, originals, sheet].filter((section) => section.tables.length > 0)
}

/** The facts without which a figure says nothing: the machine, the versions, the parameters. */
function head({ date, machine, versions, parameters, interrupted }: BenchDocument): string[] {
  const { cpu, cores, memory, system } = machine
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const size = `${(memory / 2 ** 30).toFixed(1)} GiB of memory`
  const facts = [
    `Machine: ${cpu}, ${plural(cores, 'core')}, ${size}, ${system}`,
    `Versions: ${names.join(', ')}`,
    `Measured: ${describe(parameters)}`,
    `Date: ${date.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')}`,
  ]
  const cut = '**The run was interrupted: it holds what was measured until then.**'
  return interrupted ? [bullets(facts), cut] : [bullets(facts)]
}

function describe({ duration, warmup, rounds, seed, pinned }: Parameters): string {
  const held = describePinning(pinned)
  const often = plural(rounds, 'round')
  return `windows of ${duration} s after ${warmup} s of warm-up, ${often}, seed ${seed}; ${held}`
}

function renderTable(table: ReportTable): string[] {
  const { title, columns, figuresFrom, rows, notes, warnings } = table
  const titles = columns.map((column) => column.title)
  const below = [...notes.map(escaped), ...(warnings.length > 0 ? [bullets(warnings)] : [])]
  return [`**${escaped(title)}**`, aligned(titles, rows, figuresFrom), ...below]
}

/** A table formatted as prettier does it: every column as wide as its widest field. */
export function aligned(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  figuresFrom: number,
): string {
  const fields = [head, ...rows].map((row) => row.map(escaped))
  const widths = head.map((_, i) => Math.max(3, ...fields.map((row) => widthOf(row[i] ?? ''))))
  const lines = fields.map((row) =>
    widths.map((width, i) => {
      const field = row[i] ?? ''
      const space = ' '.repeat(width - widthOf(field))
      return i < figuresFrom ? field + space : space + field
    }),
  )
  const rule = widths.map((width, i) =>
    i < figuresFrom ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  const [titles = [], ...figures] = lines
  return [titles, rule, ...figures].map((line) => `| ${line.join(' | ')} |`).join('\n')
}

/** In characters: all characters that occur here have the same width. */
function widthOf(text: string): number {
  return [...text].length
}

/**
 * Escapes a text so that Markdown shows it as it is, on one line: a backslash is put before each
 * character with a meaning. `_` or `<` between spaces, or `_` within a word, has none and stays.
 */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*[|~]|<(?=[a-z/!?])|&(?=#?\w+;)|(?<![a-z\d])_|_(?![a-z\d])/gi, '\\$&')
}

function bullets(lines: readonly string[]): string {
  return lines.map((line) => `- ${escaped(line)}`).join('\n')
}
