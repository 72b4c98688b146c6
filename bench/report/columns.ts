/** The columns of the tables: each has a title, a meaning, and the way a cell's figure is shown. */
import { amount } from '../../clients/terminal.ts'
import type { Cell } from '../document/document.ts'
import { cpuRatio, type Figures } from '../figures/figures.ts'
import type { Estimate } from '../figures/statistics.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from '../peers/yardsticks.ts'
import { connectionsOf, type Load } from '../workloads.ts'

export interface Column {
  readonly title: string
  /** What the figure says, in one line. */
  readonly meaning: string
  /** @param block all cells of the same load, `cell` included */
  readonly show: (figures: Figures, cell: Cell, block: readonly Cell[]) => string
}

const RATE: Column = {
  title: 'messages/s',
  meaning: 'verified replies per second, over all connections',
  show: ({ messagesPerSecond }) => amount(messagesPerSecond),
}

const P50: Column = {
  title: 'p50 µs',
  meaning: 'half of the replies came within this time after their message was sent',
  show: ({ p50 }) => maybe(p50, amount),
}

const P90: Column = {
  title: 'p90 µs',
  meaning: '90 of 100 replies came within this time',
  show: ({ p90 }) => maybe(p90, amount),
}

const P99: Column = {
  title: 'p99 µs',
  meaning: '99 of 100 replies came within this time',
  show: ({ p99 }) => maybe(p99, amount),
}

const P999: Column = {
  title: 'p99.9 µs',
  meaning: '999 of 1000 replies came within this time',
  show: ({ p999 }) => maybe(p999, amount),
}

const MAX: Column = {
  title: 'max µs',
  meaning: 'the slowest reply; the median over the rounds',
  show: ({ max }) => maybe(max, amount),
}

const CPU: Column = {
  title: 'CPU µs/msg',
  meaning: "CPU time of the server's processes, all threads, user and system, per message",
  show: ({ cpuPerMessage }) => maybe(cpuPerMessage, (n) => n.toFixed(2)),
}

const MEMORY: Column = {
  title: 'memory MiB',
  meaning: 'resident memory of the server with all connections open',
  show: ({ resident }) => maybe(resident, mebibytes),
}

const PER_CONNECTION: Column = {
  title: 'KiB/conn',
  meaning: 'growth of the resident memory since before the first connection, per connection',
  show: ({ residentPerConnection }) => maybe(residentPerConnection, (n) => (n / 1024).toFixed(2)),
}

/** In an open loop latencies count from when a message was due, and again from when it was sent. */
const OPEN_LOOP: readonly Column[] = [
  {
    ...P90,
    title: 'p90 due',
    meaning: '90 of 100 replies came within this time after their message should have been sent',
  },
  {
    ...P99,
    title: 'p99 due',
    meaning: '99 of 100 replies came within this time after their message should have been sent',
  },
  {
    title: 'p90 sent',
    meaning: '90 of 100 replies came within this time after their message really was sent',
    show: ({ p90SinceSent }) => maybe(p90SinceSent, amount),
  },
  {
    title: 'p99 sent',
    meaning: 'what a closed loop would have called its p99',
    show: ({ p99SinceSent }) => maybe(p99SinceSent, amount),
  },
  MAX,
]

const ERRORS: Column = {
  title: 'errors',
  meaning: 'connections that were lost, in all rounds together',
  show: ({ errors }) => String(errors),
}

/** The yardsticks, plain servers to compare with: a column for each that was measured. */
const YARDSTICKS = [
  { name: C_EPOLL, title: '÷ C' },
  { name: NODE_NET, title: '÷ node:net' },
  { name: NODE_HTTP, title: '÷ node:http' },
]

/** With fewer connections, the memory that they add is lost in the other changes of a heap. */
export const ENOUGH_FOR_MEMORY = 1000

/** The columns of the table of a load. */
export function columnsOf(load: Load, block: readonly Cell[]): Column[] {
  const latency = load.rate > 0 ? OPEN_LOOP : [P50, P99, MAX]
  const growth = connectionsOf(load) >= ENOUGH_FOR_MEMORY ? [PER_CONNECTION] : []
  return [RATE, ...latency, CPU, MEMORY, ...growth, ...ratiosTo(block), ERRORS]
}

/** The columns of the cost sheet. */
export const COST_SHEET: readonly Column[] = [
  RATE,
  P50,
  P90,
  P99,
  P999,
  MAX,
  CPU,
  {
    title: 'calls/msg',
    meaning: 'system calls of the server per message',
    show: ({ systemCallsPerMessage }) => maybe(systemCallsPerMessage, (n) => n.toFixed(2)),
  },
  {
    title: 'start MiB',
    meaning: 'resident memory before the first connection, Node and its loader included',
    show: ({ residentBefore }) => maybe(residentBefore, mebibytes),
  },
  {
    title: 'threads',
    meaning: 'threads of the server, those of Node included',
    show: ({ threads }) => maybe(threads, amount),
  },
  {
    title: 'fds',
    meaning: 'file descriptors of the server with all connections open',
    show: ({ descriptors }) => maybe(descriptors, amount),
  },
  {
    title: 'fairness',
    meaning:
      "Jain's index over the connections: 1 if each had as many replies, near 0 if one had all",
    show: ({ fairness }) => maybe(fairness, (n) => n.toFixed(3)),
  },
]

/** A column for each yardstick in the block. */
function ratiosTo(block: readonly Cell[]): Column[] {
  return YARDSTICKS.flatMap(({ name, title }) => {
    const yardstick = block.find(({ model }) => model === name)
    if (!yardstick) return []
    const show = (_: Figures, cell: Cell) => ratioText(cpuRatio(cell, yardstick))
    const meaning =
      'CPU per message, divided by that of the yardstick in the same round; then the 95 % interval'
    return [{ title, meaning, show }]
  })
}

/** `1.06`, and with enough rounds its interval: `1.06 (1.04–1.09)`. */
function ratioText(ratio: Estimate | null): string {
  if (!ratio) return '–'
  const interval = intervalText(ratio)
  return ratio.median.toFixed(2) + (interval === '–' ? '' : ` (${interval})`)
}

/** `1.04–1.09`. */
export function intervalText({ low, high }: Estimate): string {
  return low === null || high === null ? '–' : `${low.toFixed(2)}–${high.toFixed(2)}`
}

export function maybe(value: number | null | undefined, show: (value: number) => string): string {
  return value == null ? '–' : show(value)
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
