/** Documents of runs that never were, for the tests of what is made from them. */
import type { BenchDocument, Cell, Outcome } from '../../bench/document/document.ts'
import { type Load, PLAIN } from '../../bench/workloads.ts'
import type { LoadResult } from '../../clients/load/result.ts'

export interface Round {
  readonly cpuPerMessage?: number
  readonly messagesPerSecond?: number
  readonly result?: Partial<LoadResult>
}

/** A round that was measured; all figures that are not given are the same in each. */
export function measured({ cpuPerMessage = 5, messagesPerSecond = 1000, ...more }: Round): Outcome {
  // Little's law holds for the one connection that was asked for.
  const mean = 1e6 / messagesPerSecond
  const latency = { mean, p50: 40, p90: 60, p99: 90, p999: 95, max: 99 }
  const result: LoadResult = {
    asked: {
      ...PLAIN,
      protocol: 'raw',
      host: '127.0.0.1',
      port: 1,
      duration: 1,
      warmup: 0.3,
      stall: 10,
      io: 'libc',
    },
    carries: 'connection and sequence number',
    connected: 1,
    connectSeconds: 0.1,
    seconds: 1,
    messages: messagesPerSecond,
    messagesPerSecond,
    bytesSent: 64 * messagesPerSecond,
    bytesReceived: 64 * messagesPerSecond,
    latency,
    sinceSent: null,
    lateness: null,
    achieved: null,
    fairness: 1,
    client: { cpuSeconds: 0.5, cpuPerMessage: 5 },
    server: {
      pid: 1,
      cpuSeconds: 0.5,
      cpuPerMessage,
      residentBefore: 0,
      residentAfter: 2 ** 20,
      residentPerIdle: 2 ** 20,
      threads: 12,
      descriptors: 20,
      systemCallsPerMessage: 2.01,
    },
    machine: null,
    idle: { asked: 0, alive: 0 },
    errors: {},
    mismatch: null,
    warnings: [],
    ...more.result,
  }
  return { kind: 'measured', result }
}

/** A cell of the workload `custom`: one of a hundred connections, unless `load` says otherwise. */
export function cellOf(
  model: string,
  rounds: readonly Outcome[],
  load: Partial<Load> = {},
  wait = 'libc poll',
): Cell {
  const full = { ...PLAIN, connections: 100, ...load }
  return { model, wait, workload: 'custom', load: full, rounds }
}

/** The run that has measured `cells`. */
export function documentOf(
  cells: readonly Cell[],
  more: Partial<BenchDocument> = {},
): BenchDocument {
  const loads = new Map(cells.map(({ load }) => [JSON.stringify(load), load]))
  return {
    schemaVersion: 3,
    date: '2026-01-02T03:04:05.678Z',
    machine: { system: 'linux 6.1.0 x64', cpu: 'Some CPU', cores: 2, memory: 2 ** 32 },
    versions: { node: '20.0.0', v8: '11.3', libuv: '1.46' },
    parameters: {
      duration: 1,
      warmup: 0.3,
      rounds: Math.max(1, ...cells.map(({ rounds }) => rounds.length)),
      seed: 1,
      pinned: { server: 0, client: 1, parallelServers: [0] },
      sharedServers: false,
      systemCalls: false,
    },
    interrupted: false,
    workloads: [{ id: 'custom', shows: '', loads: [...loads.values()] }],
    cells,
    ...more,
  }
}
