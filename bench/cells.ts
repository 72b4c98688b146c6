/** The cells of the table: their rounds, and what these come to. */
import type { LoadResult } from '../clients/load-result.ts'
import type { Row } from './rows.ts'
import { measure, type Outcome, type Parameters } from './runner.ts'
import { type Estimate, estimate, median, Random, shuffled } from './statistics.ts'

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
  /** The same of the load generator: what it costs to ask and to check. */
  readonly clientPerMessage: number | null
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
 * machine that grows slower then does so for each of them. Their order is drawn by lot anew for
 * each round, so that none is always behind the same other. Throws when `signal` aborts; what was
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
  const random = new Random(parameters.seed)
  for (let round = 0; round < parameters.rounds; round++) {
    for (const cell of shuffled(cells, random)) {
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
    clientPerMessage: over(({ client }) => client?.cpuPerMessage),
    errors: results.flatMap(({ errors }) => Object.values(errors)).reduce((a, b) => a + b, 0),
  }
}

/**
 * CPU per message of a cell, divided by that of another in the same round, over all rounds. What
 * makes the whole machine slower for a while cancels out. Null if there is no such round.
 */
export function cpuRatio(cell: Cell, other: Cell): Estimate | null {
  const ratios = cell.rounds.map((outcome, round) => {
    const mine = cpuOf(outcome)
    const its = cpuOf(other.rounds[round])
    return mine && its ? mine / its : null
  })
  return estimate(ratios)
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
