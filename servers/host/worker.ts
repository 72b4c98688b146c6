/** The thread of a model that blocks; model-thread.ts starts it. */
import { parentPort, workerData } from 'node:worker_threads'
import { builtModel } from '../boot/build.mjs'
import { findModel } from '../models.ts'
import type { Address, Backend, KernelPort } from '../posix/api.ts'
import { withFaults } from '../posix/faults.ts'
import { openPosix } from '../posix/open.ts'
import type { ServeOptions, Stop, Supervisor } from '../server.ts'
import { LocalPlaces } from '../support/places.ts'
import { type LogSettings, Report } from '../support/report.ts'
import { explainStart } from '../support/start-errors.ts'
import { withTrace } from '../trace/posix.ts'
import { record } from '../trace/trace.ts'
import { traceModel } from './trace-models.ts'

export interface WorkerData {
  readonly model: string
  readonly options: ServeOptions
  readonly cells: Int32Array
  readonly log: LogSettings
  /** Only for the `atomics` backend. */
  readonly kernel: KernelPort | undefined
}

export type WorkerMessage =
  | { type: 'listening'; address: Address; listener: number }
  | { type: 'failed'; text: string; exitCode: number }

const { model, options, cells, log, kernel } = workerData as WorkerData

class WorkerSupervisor extends Report implements Supervisor {
  /** For models on Node's event loop. A model that blocks accepts only when it has a place. */
  readonly places = new LocalPlaces(options.maxConnections)

  listening(address: Address, closing: { listener: number } | Stop): void {
    if (!('listener' in closing))
      throw new TypeError('a model in a Worker is stopped by its listener')
    post({ type: 'listening', address, listener: closing.listener })
  }
}

try {
  const recording = options.trace && record(options.trace, 'server thread')
  if (recording) await traceModel(model, options, recording)
  const faulty = await withFaults(await openPosix(options.io as Backend, kernel), options.faults)
  const posix = withTrace(faulty, recording)
  const { serve } = await (findModel(model)?.load() ?? import(builtModel(model).href))
  await serve(options, new WorkerSupervisor(cells, log), posix)
} catch (error) {
  post({ type: 'failed', ...explainStart(error, options) })
}

function post(message: WorkerMessage): void {
  parentPort!.postMessage(message)
}
