/** The columns of the tables: each has a title, a meaning, and the way a cell's figure is shown. */
import { amount } from '../../clients/terminal.ts'
import type { Cell } from '../document/document.ts'
import { cpuRatio, type Figures, spread } from '../figures/figures.ts'
import type { Estimate } from '../figures/statistics.ts'
import { C_EPOLL, NODE_HTTP, NODE_NET } from '../peers/yardsticks.ts'
import type { Load } from '../workloads.ts'
import type { TableColumn } from './report-table.ts'

export interface Column extends TableColumn {
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
  weight: 5,
  meaning: 'half of the replies came within this time after their message was sent',
  show: ({ p50 }) => maybe(p50, amount),
}

const P90: Column = {
  title: 'p90 µs',
  weight: 3,
  meaning: '90 of 100 replies came within this time',
  show: ({ p90 }) => maybe(p90, amount),
}

const P99: Column = {
  title: 'p99 µs',
  weight: 7,
  meaning: '99 of 100 replies came within this time',
  show: ({ p99 }) => maybe(p99, amount),
}

const P999: Column = {
  title: 'p99.9 µs',
  weight: 1,
  meaning: '999 of 1000 replies came within this time',
  show: ({ p999 }) => maybe(p999, amount),
}

const MAX: Column = {
  title: 'max µs',
  weight: 2,
  meaning: 'the slowest reply of all rounds',
  show: ({ max }) => maybe(max, amount),
}

const CPU: Column = {
  title: 'CPU µs/msg',
  meaning: "CPU time of the server's processes, all threads, user and system, per message",
  show: ({ cpuPerMessage }) => maybe(cpuPerMessage, (n) => n.toFixed(2)),
}

const INTERVAL: Column = {
  title: 'interval',
  weight: 8,
  meaning:
    'of the CPU time per message: it holds the true median with the chance that stands below the ' +
    'table, 95 % or more; none with fewer than 6 rounds',
  show: (_, cell) => {
    const interval = spread(cell, 'cpuPerMessage')
    return interval ? intervalText(interval) : '–'
  },
}

const MEMORY: Column = {
  title: 'memory MiB',
  weight: 4,
  meaning: 'resident memory of the server with all connections open',
  show: ({ resident }) => maybe(resident, mebibytes),
}

const PER_IDLE: Column = {
  title: 'KiB/idle',
  weight: 6,
  meaning:
    'memory that each silent connection has added, without that of the kernel for its socket',
  show: ({ residentPerIdle }) => maybe(residentPerIdle, (n) => (n / 1024).toFixed(2)),
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
    weight: 1,
    meaning: '90 of 100 replies came within this time after their message really was sent',
    show: ({ p90SinceSent }) => maybe(p90SinceSent, amount),
  },
  {
    title: 'p99 sent',
    weight: 6,
    meaning: 'what a closed loop would have called its p99',
    show: ({ p99SinceSent }) => maybe(p99SinceSent, amount),
  },
  MAX,
]

const ERRORS: Column = {
  title: 'errors',
  weight: 3,
  meaning: 'connections that were lost, in all rounds together',
  show: ({ errors }) => String(errors),
}

/** The yardsticks, plain servers to compare with: a column for each that was measured. */
const YARDSTICKS = [
  { name: C_EPOLL, title: '÷ C' },
  { name: NODE_NET, title: '÷ node:net' },
  { name: NODE_HTTP, title: '÷ node:http' },
]

/** With fewer silent connections, their memory is lost in the other changes of a heap. */
export const ENOUGH_FOR_MEMORY = 1000

/** The columns of the table of a load. */
export function columnsOf(load: Load, block: readonly Cell[]): Column[] {
  const latency = load.rate > 0 ? OPEN_LOOP : [P50, P99, MAX]
  const growth = load.idle >= ENOUGH_FOR_MEMORY ? [PER_IDLE] : []
  return [RATE, CPU, INTERVAL, ...ratiosTo(block), ...latency, MEMORY, ...growth, ERRORS]
}

/** The columns of the cost sheet that the tables of the loads don't have. */
export const COST_SHEET: readonly Column[] = [
  P90,
  P999,
  {
    title: 'calls/msg',
    weight: 8,
    meaning: 'system calls of the server per message',
    show: ({ systemCallsPerMessage }) => maybe(systemCallsPerMessage, (n) => n.toFixed(2)),
  },
  {
    title: 'start MiB',
    weight: 6,
    meaning: 'resident memory before the first connection, Node and its loader included',
    show: ({ residentBefore }) => maybe(residentBefore, mebibytes),
  },
  {
    title: 'threads',
    weight: 7,
    meaning: 'threads of the server, those of Node included',
    show: ({ threads }) => maybe(threads, amount),
  },
  {
    title: 'fds',
    weight: 6,
    meaning: 'file descriptors of the server with all connections open',
    show: ({ descriptors }) => maybe(descriptors, amount),
  },
  {
    title: 'fairness',
    weight: 5,
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
      'CPU per message, divided by that of the yardstick in the same round: the median, and with ' +
      '6 rounds or more the interval that holds the true one with 95 % or more'
    return [{ title, meaning, show, weight: 9 }]
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
