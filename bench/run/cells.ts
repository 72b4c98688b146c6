/** The cells of the table: which there are, and in which order they are measured. */
import type { Cell, Outcome, Parameters } from '../document/document.ts'
import { Random, shuffled } from '../figures/statistics.ts'
import type { Workload } from '../workloads.ts'
import type { Row } from './rows.ts'
import { measure } from './runner.ts'

/** A cell, and what is started for it. */
export interface PlannedCell extends Cell {
  readonly row: Row
  readonly rounds: Outcome[]
}

/** A cell for each row and load, those that are compared next to each other. */
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
 * Measures every cell, round by round, so that all rows of a round stand side by side in time: a
 * machine that grows slower then does so for each of them. Their order is drawn by lot anew for
 * each round, so that none is always behind the same other. Throws when `signal` aborts; what was
 * measured before stays in the cells.
 *
 * @param done is called after each cell
 */
export async function measureAll(
  cells: readonly PlannedCell[],
  parameters: Parameters,
  signal: AbortSignal,
  done: (cell: Cell, outcome: Outcome) => void,
): Promise<void> {
  const random = new Random(parameters.seed)
  for (let round = 0; round < parameters.rounds; round++) {
    // Their number does not depend on the weather: one round is enough.
    const systemCalls = parameters.systemCalls && round === 0
    for (const cell of shuffled(cells, random)) {
      const conditions = { ...parameters, systemCalls }
      const outcome = await measure(cell.row, cell.load, conditions, signal)
      cell.rounds.push(outcome)
      done(cell, outcome)
    }
  }
}
