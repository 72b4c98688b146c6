/**
 * A whole run as one JSON document: the parameters, the machine, and every round of every cell. All
 * reports are made from this document, so each of them can be made again from a file.
 */
import { cpus, platform, release, totalmem } from 'node:os'
import type { LoadResult } from '../../clients/load/result.ts'
import type { Load, Workload } from '../workloads.ts'

// #region BenchDocument
export interface BenchDocument {
  readonly schemaVersion: 3
  /** When the run ended, ISO 8601. */
  readonly date: string
  readonly machine: Machine
  readonly versions: Record<string, string>
  readonly parameters: Parameters
  /** A signal, such as Ctrl-C, ended the run before everything was measured. */
  readonly interrupted: boolean
  /** The loads that the servers were put under, in the order of the tables. */
  readonly workloads: readonly Workload[]
  /** A cell for each row and load, in the order of the tables. */
  readonly cells: readonly Cell[]
}

export interface Machine {
  readonly system: string
  readonly cpu: string
  readonly cores: number
  /** Bytes. */
  readonly memory: number
}

export interface Parameters {
  /** In seconds: the measured window, and the load before it, which does not count. */
  readonly duration: number
  /** A shared server gets a third of it from its second round on. */
  readonly warmup: number
  readonly rounds: number
  /** Decides the order in which cells are measured. */
  readonly seed: number
  /** The cores that servers and load generator were held to; null if they were not. */
  readonly pinned: Pinning | null
  /** A server is kept for all rounds of its load; if false, each measurement has a new one. */
  readonly sharedServers: boolean
  /** Whether system calls were counted, after the window. */
  readonly systemCalls: boolean
}

export interface Pinning {
  readonly server: number
  readonly client: number
  /** For servers that can use several cores: all but the client's. */
  readonly parallelServers: readonly number[]
}

/** One row under one load. */
export interface Cell {
  /** The model's id, or the name of a server that the models are compared with. */
  readonly model: string
  /** `libc poll`, `atomics`, `node`. */
  readonly wait: string
  /** The id of the workload, and which of its loads. */
  readonly workload: string
  readonly load: Load
  /** One outcome per round, in order; fewer if the run was interrupted. */
  readonly rounds: readonly Outcome[]
}

/** The outcome of one round of one cell: figures, or why there are none. */
export type Outcome =
  | { readonly kind: 'measured'; readonly result: LoadResult }
  | { readonly kind: 'failed'; readonly reason: string; readonly result?: LoadResult }
  | { readonly kind: 'left out'; readonly reason: string }
// #endregion BenchDocument

export function thisMachine(): Machine {
  return {
    system: `${platform()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memory: totalmem(),
  }
}

export function theseVersions(): Record<string, string> {
  const { node = '', v8 = '', uv = '' } = process.versions
  return { node, v8, libuv: uv }
}
