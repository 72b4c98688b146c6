/** The whole run as one JSON document: what was asked, on which machine, and every round. */
import { cpus, platform, release, totalmem } from 'node:os'
import { type Cell, type Figures, figures } from './cells.ts'
import type { Outcome, Parameters } from './runner.ts'

export interface BenchDocument {
  readonly schemaVersion: 1
  /** When the run ended, ISO 8601. */
  readonly date: string
  readonly machine: {
    readonly system: string
    readonly cpu: string
    readonly cores: number
    /** Bytes. */
    readonly memory: number
  }
  readonly versions: Record<string, string | undefined>
  readonly parameters: Parameters
  /** Ctrl-C ended the run before all was measured. */
  readonly interrupted: boolean
  readonly cells: readonly {
    readonly model: string
    readonly wait: string
    readonly connections: number
    readonly medians: Figures | null
    readonly rounds: readonly Outcome[]
  }[]
}

export function toDocument(
  cells: readonly Cell[],
  parameters: Parameters,
  interrupted: boolean,
): BenchDocument {
  const { node, v8, uv } = process.versions
  return {
    schemaVersion: 1,
    date: new Date().toISOString(),
    machine: {
      system: `${platform()} ${release()} ${process.arch}`,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memory: totalmem(),
    },
    versions: { node, v8, libuv: uv },
    parameters,
    interrupted,
    cells: cells.map((cell) => ({
      model: cell.row.name,
      wait: cell.row.wait,
      connections: cell.connections,
      medians: figures(cell) ?? null,
      rounds: cell.rounds,
    })),
  }
}
