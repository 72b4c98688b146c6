/** Which cells the tables have, and in which order they are measured. */
import type { Cell, Outcome, Parameters } from '../document/document.ts'
import { Random, shuffled } from '../figures/statistics.ts'
import type { Workload } from '../workloads.ts'
import type { Row } from './rows.ts'
import { measure } from './runner.ts'

/** A cell, with the server that is started for it. */
export interface PlannedCell extends Cell {
  readonly row: Row
  readonly rounds: Outcome[]
}

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
 *
 * @param done called after each cell
 */
export async function measureAll(
  cells: readonly PlannedCell[],
  parameters: Parameters,
  signal: AbortSignal,
  done: (cell: Cell, outcome: Outcome) => void,
): Promise<void> {
  const random = new Random(parameters.seed)
  for (let round = 0; round < parameters.rounds; round++) {
    // Other work on the machine hardly changes the number of system calls: one round is enough.
    const systemCalls = parameters.systemCalls && round === 0
    for (const cell of shuffled(cells, random)) {
      const conditions = { ...parameters, systemCalls }
      const outcome = await measure(cell.row, cell.load, conditions, signal)
      cell.rounds.push(outcome)
      done(cell, outcome)
    }
  }
}
