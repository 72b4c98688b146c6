/** What has changed from one run to another, for a terminal: a table per load, and a summary. */
import { amount } from '../../clients/terminal.ts'
import { intervalText, maybe } from '../report/columns.ts'
import { aligned } from '../report/terminal.ts'
import { describeLoad } from '../workloads.ts'
import {
  type CellName,
  type Change,
  type ComparedCell,
  type Comparison,
  regressionsOf,
} from './comparison.ts'

const HEAD = [
  ...['model', 'waits on'],
  ...['CPU µs A', 'CPU µs B', 'B ÷ A', '95 %'],
  ...['messages/s A', 'messages/s B', 'B ÷ A', '95 %'],
  'verdict',
]
const FIGURES_FROM = 2

export function renderComparison(comparison: Comparison): string {
  const { cells, onlyInA, onlyInB, notes } = comparison
  const tables = [...byLoad(cells)].map(([load, block]) => `${load}\n${renderTable(block)}`)
  const lone = [...loneLines('A', onlyInA), ...loneLines('B', onlyInB)]
  const regressions = regressionsOf(comparison).map((line) => `regression: ${line}`)
  const below = [notes, lone, regressions].map((lines) => lines.join('\n'))
  return [...tables, ...below, summary(comparison)].filter(Boolean).join('\n\n')
}

function byLoad<Item extends CellName>(cells: readonly Item[]): Map<string, Item[]> {
  const blocks = new Map<string, Item[]>()
  for (const cell of cells) {
    const name = `${cell.workload}, ${describeLoad(cell.load)}`
    blocks.set(name, [...(blocks.get(name) ?? []), cell])
  }
  return blocks
}

function renderTable(cells: readonly ComparedCell[]): string {
  const rows = cells.map(({ model, wait, cpuPerMessage, messagesPerSecond, verdict }) => {
    const cpu = fields(cpuPerMessage, (microseconds) => microseconds.toFixed(2))
    return [model, wait, ...cpu, ...fields(messagesPerSecond, amount), verdict]
  })
  return aligned(HEAD, rows, (i) => i >= FIGURES_FROM && i < HEAD.length - 1)
}

function fields({ a, b, ratio }: Change, show: (figure: number) => string): string[] {
  const interval = ratio ? intervalText(ratio) : '–'
  return [maybe(a, show), maybe(b, show), maybe(ratio?.median, (n) => n.toFixed(2)), interval]
}

/** `only in A: many, 100 connections: raw, 64 bytes: threads libc, callbacks node`. */
function loneLines(side: string, cells: readonly CellName[]): string[] {
  return [...byLoad(cells)].map(([load, block]) => {
    const rows = block.map(({ model, wait }) => `${model} ${wait}`)
    return `only in ${side}: ${load}: ${rows.join(', ')}`
  })
}

/** `12 cells: 1 slower, 2 faster, 9 ≈ (noise threshold 5 %); 1 regression`. */
function summary(comparison: Comparison): string {
  const { cells, noiseThreshold } = comparison
  const verdicts = ['slower', 'faster', '≈', 'failed'].flatMap((verdict) => {
    const count = cells.filter((cell) => cell.verdict === verdict).length
    return count > 0 ? [`${count} ${verdict}`] : []
  })
  const worse = regressionsOf(comparison).length
  const found = `${worse} regression${worse === 1 ? '' : 's'}`
  const compared = `${cells.length} cell${cells.length === 1 ? '' : 's'}: ${verdicts.join(', ')}`
  return `${compared} (noise threshold ${noiseThreshold} %); ${found}`
}
