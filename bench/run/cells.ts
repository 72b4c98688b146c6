/** Which cells the tables have, and in which order they are measured. */
import type { OwnServer } from '../../clients/check/subject.ts'
import type { Cell, Outcome, Parameters } from '../document/document.ts'
import { isCrowded } from '../figures/contention.ts'
import { Random, shuffled } from '../figures/statistics.ts'
import type { Workload } from '../workloads.ts'
import type { Row } from './rows.ts'
import { measure, startServer } from './runner.ts'

/** A cell, with the server that is started for it. */
export interface PlannedCell extends Cell {
  readonly row: Row
  readonly rounds: Outcome[]
}

/** Called after each measurement that counts. */
export type Done = (cell: Cell, outcome: Outcome) => void

/** A measurement that was crowded is made again this often at the most. */
const AGAIN = 2
/** Measuring again may take this share of the time of the run so far. */
const SPARE = 0.15

/** The warm-up of a server that has been measured before, as a share of the first one. */
const RENEWED = 1 / 3

/** A cell for each row and load. The cells of one load, which are compared, follow each other. */
export function planCells(rows: readonly Row[], workloads: readonly Workload[]): PlannedCell[] {
  return workloads.flatMap(({ id, loads }) =>
    loads.flatMap((load) =>
      rows.map((row) => ({
        model: row.name,
        wait: row.wait,
        workload: id,
        load,
        rounds: [],
        row,
      })),
    ),
  )
}

/**
 * Measures every cell once in each round: if the machine becomes slower for a while, it does so for
 * all rows of a round. The order is random in each round, so that no row always follows the same
 * other one. Throws when `signal` aborts; what was measured before stays in the cells.
 */
export async function measureAll(
  cells: readonly PlannedCell[],
  parameters: Parameters,
  signal: AbortSignal,
  done: Done,
): Promise<void> {
  const random = new Random(parameters.seed)
  const meter = new Meter(parameters, signal)
  const groups = parameters.sharedServers ? byLoad(cells) : [cells]
  for (const group of groups) {
    await using servers = new Servers(parameters)
    for (let round = 0; round < parameters.rounds; round++) {
      for (const cell of shuffled(group, random)) {
        const outcome = await meter.measure(cell, round, servers)
        cell.rounds.push(outcome)
        done(cell, outcome)
      }
    }
  }
}

/** The cells of each load together: servers that are kept for all rounds of a load are not many. */
function byLoad(cells: readonly PlannedCell[]): PlannedCell[][] {
  const loads = new Set(cells.map(({ load }) => load))
  return [...loads].map((load) => cells.filter((cell) => cell.load === load))
}

/** The servers of the cells that are being measured. */
class Servers implements AsyncDisposable {
  readonly #parameters: Parameters
  readonly #running = new Map<PlannedCell, OwnServer>()

  constructor(parameters: Parameters) {
    this.#parameters = parameters
  }

  /** The server of a cell: the one of its earlier rounds, if it is shared and still runs. */
  async of(cell: PlannedCell): Promise<OwnServer> {
    const running = this.#running.get(cell)
    if (running) return running
    const server = await startServer(cell.row, cell.load, this.#parameters)
    this.#running.set(cell, server)
    return server
  }

  /** Called after each measurement. A server whose measurement has failed is not used again. */
  async release(cell: PlannedCell, outcome: Outcome | undefined): Promise<void> {
    if (this.#parameters.sharedServers && outcome?.kind === 'measured') return
    await this.#running.get(cell)?.[Symbol.asyncDispose]()
    this.#running.delete(cell)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server[Symbol.asyncDispose]()))
  }
}

/** Makes the measurements, and makes one again that had to wait for a CPU. */
class Meter {
  readonly #parameters: Parameters
  readonly #signal: AbortSignal
  readonly #started = performance.now()
  /** Milliseconds that measuring again has taken. */
  #spent = 0

  constructor(parameters: Parameters, signal: AbortSignal) {
    this.#parameters = parameters
    this.#signal = signal
  }

  async measure(cell: PlannedCell, round: number, servers: Servers): Promise<Outcome> {
    let outcome = await this.#once(cell, round, servers)
    for (let again = 0; again < AGAIN && isCrowded(outcome) && this.#hasTime; again++) {
      const from = performance.now()
      outcome = await this.#once(cell, round, servers)
      this.#spent += performance.now() - from
    }
    return outcome
  }

  get #hasTime(): boolean {
    return this.#spent < SPARE * (performance.now() - this.#started)
  }

  async #once(cell: PlannedCell, round: number, servers: Servers): Promise<Outcome> {
    const reason = cell.row.cannot(cell.load)
    if (reason) return { kind: 'left out', reason }
    // Other work on the machine hardly changes the number of system calls: one round is enough.
    const systemCalls = this.#parameters.systemCalls && round === 0
    const { sharedServers, warmup } = this.#parameters
    const isNew = !sharedServers || round === 0
    const conditions = {
      ...this.#parameters,
      systemCalls,
      warmup: isNew ? warmup : warmup * RENEWED,
    }
    let outcome: Outcome | undefined
    try {
      outcome = await measure(await servers.of(cell), cell.load, conditions, this.#signal)
    } catch (error) {
      this.#signal.throwIfAborted()
      outcome = { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
    } finally {
      await servers.release(cell, outcome)
    }
    return outcome
  }
}
