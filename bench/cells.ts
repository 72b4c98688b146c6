/** The cells of the table: their rounds, and what these come to. */
import type { LoadResult } from '../clients/load-result.ts'
import type { Row } from './rows.ts'
import { measure, type Outcome, type Parameters } from './runner.ts'

export interface Cell {
  readonly row: Row
  readonly connections: number
  /** One per round, in their order. */
  readonly rounds: Outcome[]
}

/** Medians over the rounds that were measured. Null: not measured, or not measurable here. */
export interface Figures {
  readonly messagesPerSecond: number
  /** Latencies in microseconds. */
  readonly p50: number | null
  readonly p99: number | null
  readonly max: number | null
  /** Microseconds of CPU time of the server process, per message. */
  readonly cpuPerMessage: number | null
  /** Bytes of the server in RAM, with all connections open. */
  readonly resident: number | null
  /** How many of these each connection has added, the silent ones counted too. */
  readonly residentPerConnection: number | null
  /** Connections that were lost, in all rounds together. */
  readonly errors: number
}

export function planCells(rows: readonly Row[], { connections }: Parameters): Cell[] {
  return connections.flatMap((count) =>
    rows.map((row) => ({ row, connections: count, rounds: [] })),
  )
}

/**
 * Measures every cell, round by round, so that all rows of a round stand side by side in time: a
 * machine that grows slower then does so for each of them. Throws when `signal` aborts; what was
 * measured before stays in the cells.
 *
 * @param done is called after each cell
 */
export async function measureAll(
  cells: readonly Cell[],
  parameters: Parameters,
  signal: AbortSignal,
  done: (cell: Cell, outcome: Outcome) => void,
): Promise<void> {
  for (let round = 0; round < parameters.rounds; round++) {
    for (const cell of cells) {
      const outcome = await measure(cell.row, cell.connections, parameters, signal)
      cell.rounds.push(outcome)
      done(cell, outcome)
    }
  }
}

/** Undefined if no round was measured. */
export function figures(cell: Cell): Figures | undefined {
  const results = measured(cell)
  if (results.length === 0) return undefined
  const over = (figure: (result: LoadResult) => number | null | undefined) =>
    median(results.map(figure))
  return {
    messagesPerSecond: over((result) => result.messagesPerSecond) ?? 0,
    p50: over(({ latency }) => latency?.p50),
    p99: over(({ latency }) => latency?.p99),
    max: over(({ latency }) => latency?.max),
    cpuPerMessage: over(({ server }) => server?.cpuPerMessage),
    resident: over(({ server }) => server?.residentAfter),
    residentPerConnection: over(perConnection),
    errors: results.flatMap(({ errors }) => Object.values(errors)).reduce((a, b) => a + b, 0),
  }
}

/**
 * CPU per message of a cell, divided by that of the yardstick in the same round: the median of the
 * rounds. What makes the whole machine slower for a while cancels out. Null if either is missing.
 */
export function cpuRatio(cell: Cell, yardstick: Cell): number | null {
  const ratios = cell.rounds.map((outcome, round) => {
    const mine = cpuOf(outcome)
    const other = cpuOf(yardstick.rounds[round])
    return mine && other ? mine / other : null
  })
  return median(ratios)
}

/** The middle value, or the mean of the middle two; null if there are none. */
export function median(values: readonly (number | null | undefined)[]): number | null {
  const sorted = values.filter((value) => value != null).toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

function measured(cell: Cell): LoadResult[] {
  return cell.rounds.flatMap((outcome) => (outcome.kind === 'measured' ? [outcome.result] : []))
}

function cpuOf(outcome: Outcome | undefined): number | null {
  return outcome?.kind === 'measured' ? (outcome.result.server?.cpuPerMessage ?? null) : null
}

function perConnection({ server, connected }: LoadResult): number | null {
  if (server?.residentAfter == null || server.residentBefore == null) return null
  return (server.residentAfter - server.residentBefore) / connected
}
