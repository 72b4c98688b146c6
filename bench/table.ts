/** The result table for a terminal: a block per number of connections, a line per row. */
import Table from 'cli-table3'
import { amount } from '../clients/terminal.ts'
import { type Cell, cpuRatio, type Figures, figures } from './cells.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from './rows.ts'
import type { Parameters } from './runner.ts'
import { type Estimate, isDistinguishable, median } from './statistics.ts'

interface Column {
  readonly title: string
  /** What it says, in a line. */
  readonly meaning: string
  readonly show: (figures: Figures, cell: Cell, block: readonly Cell[]) => string
}

const COLUMNS: readonly Column[] = [
  {
    title: 'messages/s',
    meaning: 'verified replies per second, over all connections',
    show: ({ messagesPerSecond }) => amount(messagesPerSecond),
  },
  {
    title: 'p50 µs',
    meaning: 'half of the replies came within this time after their message was sent',
    show: ({ p50 }) => maybe(p50, amount),
  },
  {
    title: 'p99 µs',
    meaning: '99 of 100 replies came within this time',
    show: ({ p99 }) => maybe(p99, amount),
  },
  {
    title: 'max µs',
    meaning: 'the slowest reply; the median over the rounds',
    show: ({ max }) => maybe(max, amount),
  },
  {
    title: 'CPU µs/msg',
    meaning: "CPU time of the server's processes, all threads, user and system, per message",
    show: ({ cpuPerMessage }) => maybe(cpuPerMessage, (n) => n.toFixed(2)),
  },
  {
    title: 'memory MiB',
    meaning: 'resident memory of the server with all connections open',
    show: ({ resident }) => maybe(resident, (n) => (n / 2 ** 20).toFixed(1)),
  },
]

const PER_CONNECTION: Column = {
  title: 'KiB/conn',
  meaning: 'by how much that has grown since before the first connection, per connection',
  show: ({ residentPerConnection }) => maybe(residentPerConnection, (n) => (n / 1024).toFixed(2)),
}

const ERRORS: Column = {
  title: 'errors',
  meaning: 'connections that were lost, in all rounds together',
  show: ({ errors }) => String(errors),
}

const RATIO =
  'CPU per message, divided by that of the other in the same round; the 95 % interval after it'

/** The whole table, with the reasons of the cells that are empty below it. */
export function renderTable(cells: readonly Cell[], parameters: Parameters): string {
  const columns = columnsFor(cells, parameters)
  const blocks = parameters.connections.map((connections) => {
    const block = cells.filter((cell) => cell.connections === connections)
    return [title(connections, parameters), renderBlock(block, columns), ...ranking(block)].join(
      '\n',
    )
  })
  return [...blocks, ...footnotes(cells)].join('\n\n')
}

/** What each column says, a line each. */
export function explain(cells: readonly Cell[], parameters: Parameters): string {
  const columns = columnsFor(cells, parameters)
  const width = Math.max(...columns.map((column) => column.title.length))
  const lines = columns.map((column) => `${column.title.padEnd(width)}  ${column.meaning}`)
  return [...lines, `${GENERATOR}: ${OF_GENERATOR}`].join('\n')
}

function columnsFor(cells: readonly Cell[], { idle }: Parameters): Column[] {
  const yardsticks = [
    { name: C_EPOLL, title: '÷ C' },
    { name: NODE_NET, title: '÷ node:net' },
    { name: NODE_HTTP, title: '÷ node:http' },
  ].filter(({ name }) => cells.some(({ row }) => row.name === name))
  const ratios = yardsticks.map(({ name, title }) => ({
    title,
    meaning: RATIO,
    show: (_: Figures, cell: Cell, block: readonly Cell[]) => {
      const yardstick = block.find(({ row }) => row.name === name)
      return yardstick ? ratioText(cpuRatio(cell, yardstick)) : '–'
    },
  }))
  return [...COLUMNS, ...(idle > 0 ? [PER_CONNECTION] : []), ...ratios, ERRORS]
}

/** `1.06`, and with enough rounds its interval: `1.06 (1.04–1.09)`. */
function ratioText(ratio: Estimate | null): string {
  if (!ratio) return '–'
  const { median, low, high } = ratio
  const interval = low === null || high === null ? '' : ` (${low.toFixed(2)}–${high.toFixed(2)})`
  return `${median.toFixed(2)}${interval}`
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
  table.push(generatorRow(block, columns))
  return table.toString().replace(/ +$/gm, '')
}

const GENERATOR = 'load generator'
const OF_GENERATOR =
  'its own CPU per message, and the messages/s at which it would use a whole CPU: its ceiling'

function generatorRow(block: readonly Cell[], columns: readonly Column[]): string[] {
  const cost = median(block.map((cell) => figures(cell)?.clientPerMessage))
  const known: Record<string, string> = {
    'messages/s': maybe(cost, (microseconds) => amount(1e6 / microseconds)),
    'CPU µs/msg': maybe(cost, (microseconds) => microseconds.toFixed(2)),
  }
  return [GENERATOR, '', ...columns.map((column) => known[column.title] ?? '–')]
}

/**
 * The rows in the order of their CPU per message: `<` stands between two that can be told apart,
 * `≈` between two whose paired ratio may as well be 1. Needs enough rounds for intervals.
 */
function ranking(block: readonly Cell[]): string[] {
  const ranked = block
    .map((cell) => ({ cell, cost: figures(cell)?.cpuPerMessage }))
    .filter((one): one is { cell: Cell; cost: number } => one.cost != null)
    .toSorted((a, b) => a.cost - b.cost)
    .map(({ cell }) => cell)
  const pairs = ranked.slice(1).map((cell, i) => cpuRatio(cell, ranked[i]!))
  if (pairs.length === 0 || pairs.every((pair) => pair === null || pair.low === null)) return []
  const text = ranked.map((cell, i) => {
    const pair = pairs[i - 1]
    const sign = pair && isDistinguishable(pair) ? '<' : '≈'
    return `${i > 0 ? ` ${sign} ` : ''}${cell.row.name} ${cell.row.wait}`
  })
  return [`CPU per message: ${text.join('')}`]
}

function title(
  connections: number,
  { protocol, size, duration, rounds, idle }: Parameters,
): string {
  const one = connections === 1 ? 'connection' : 'connections'
  const silent = idle > 0 ? `, ${amount(idle)} more are silent` : ''
  const often = rounds > 1 ? `, medians of ${rounds} rounds` : ''
  const what = protocol === 'http' ? 'HTTP, a path' : `${protocol}, ${size} bytes`
  return `${amount(connections)} ${one}${silent}: ${what}, ${duration} s${often}`
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
