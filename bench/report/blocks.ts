/** The cells of a run by load: each load has a table of its own in every report. */
import type { BenchDocument, Cell } from '../document/document.ts'
import { describeLoad, type Load } from '../workloads.ts'

/** The cells of one load, in the order of its table. */
export interface Block {
  readonly workload: string
  readonly shows: string
  readonly load: Load
  readonly cells: readonly Cell[]
}

export function blocksOf({ workloads, cells }: BenchDocument): Block[] {
  return workloads.flatMap(({ id, shows, loads }) =>
    loads.map((load) => ({
      workload: id,
      shows,
      load,
      cells: cells.filter((cell) => cell.workload === id && isSame(cell.load, load)),
    })),
  )
}

function isSame(a: Load, b: Load): boolean {
  return describeLoad(a) === describeLoad(b)
}
