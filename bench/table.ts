/** The result table for a terminal: a block per number of connections, a line per row. */
import Table from 'cli-table3'
import { amount } from '../clients/terminal.ts'
import { type Cell, cpuRatio, type Figures, figures } from './cells.ts'
import { C_EPOLL, NODE_NET } from './rows.ts'
import type { Parameters } from './runner.ts'

interface Column {
  readonly title: string
  readonly show: (figures: Figures, cell: Cell, block: readonly Cell[]) => string
}

const COLUMNS: readonly Column[] = [
  { title: 'messages/s', show: ({ messagesPerSecond }) => amount(messagesPerSecond) },
  { title: 'p50 µs', show: ({ p50 }) => maybe(p50, amount) },
  { title: 'p99 µs', show: ({ p99 }) => maybe(p99, amount) },
  { title: 'max µs', show: ({ max }) => maybe(max, amount) },
  { title: 'CPU µs/msg', show: ({ cpuPerMessage }) => maybe(cpuPerMessage, (n) => n.toFixed(2)) },
  { title: 'memory MiB', show: ({ resident }) => maybe(resident, (n) => (n / 2 ** 20).toFixed(1)) },
]

const PER_CONNECTION: Column = {
  title: 'KiB/conn',
  show: ({ residentPerConnection }) => maybe(residentPerConnection, (n) => (n / 1024).toFixed(2)),
}

const ERRORS: Column = { title: 'errors', show: ({ errors }) => String(errors) }

/** The whole table, with the reasons of the cells that are empty below it. */
export function renderTable(cells: readonly Cell[], parameters: Parameters): string {
  const columns = [...COLUMNS, ...optionalColumns(cells, parameters), ERRORS]
  const blocks = parameters.connections.map((connections) => {
    const block = cells.filter((cell) => cell.connections === connections)
    return `${title(connections, parameters)}\n${renderBlock(block, columns)}`
  })
  return [...blocks, ...footnotes(cells)].join('\n\n')
}

function optionalColumns(cells: readonly Cell[], { idle }: Parameters): Column[] {
  const yardsticks = [
    { name: C_EPOLL, title: '÷ C' },
    { name: NODE_NET, title: '÷ node:net' },
  ].filter(({ name }) => cells.some(({ row }) => row.name === name))
  const ratios = yardsticks.map(({ name, title }) => ({
    title,
    show: (_: Figures, cell: Cell, block: readonly Cell[]) => {
      const yardstick = block.find(({ row }) => row.name === name)
      return maybe(yardstick ? cpuRatio(cell, yardstick) : null, (ratio) => ratio.toFixed(2))
    },
  }))
  return idle > 0 ? [PER_CONNECTION, ...ratios] : ratios
}

function renderBlock(block: readonly Cell[], columns: readonly Column[]): string {
  const table = new Table({
    head: ['model', 'waits on', ...columns.map(({ title }) => title)],
    colAligns: ['left', 'left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_BORDERS,
  })
  for (const cell of block) {
    const measured = figures(cell)
    const values = columns.map(({ show }) => (measured ? show(measured, cell, block) : '–'))
    table.push([cell.row.name, cell.row.wait, ...values])
  }
  return table.toString().replace(/ +$/gm, '')
}

function title(
  connections: number,
  { protocol, size, duration, rounds, idle }: Parameters,
): string {
  const one = connections === 1 ? 'connection' : 'connections'
  const silent = idle > 0 ? `, ${amount(idle)} more are silent` : ''
  const often = rounds > 1 ? `, medians of ${rounds} rounds` : ''
  return `${amount(connections)} ${one}${silent}: ${protocol}, ${size} bytes, ${duration} s${often}`
}

/** Why a cell is empty, once for each reason. */
function footnotes(cells: readonly Cell[]): string[] {
  const reasons = cells.flatMap(({ row, connections, rounds }) =>
    rounds.flatMap((outcome) => {
      if (outcome.kind === 'measured') return []
      const where =
        outcome.kind === 'failed' ? `, ${row.wait}, ${amount(connections)} connections` : ''
      return [`${outcome.kind}: ${row.name}${where}: ${outcome.reason}`]
    }),
  )
  return reasons.length > 0 ? [[...new Set(reasons)].join('\n')] : []
}

function maybe(value: number | null, show: (value: number) => string): string {
  return value === null ? '–' : show(value)
}

export const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((part) => [part, '']),
)
