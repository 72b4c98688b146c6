/** The messages between the primary and a worker, over the channel of node:cluster. */
import type { Address } from '../posix/api.ts'
import type { ServeOptions } from '../server.ts'
import type { LogSettings } from '../support/report.ts'

export type ToWorker =
  /** `primary`: the pid. */
  | { type: 'serve'; options: ServeOptions; log: LogSettings; primary: number }
  /** There is a place for one of the clients that wait for one. */
  | { type: 'place' }
  /** Accept no more clients, and say so. `stop` follows when all workers have. */
  | { type: 'shut' }
  | { type: 'stop' }

export type ToPrimary =
  /** The worker hears messages from now on: those that came before are lost. */
  | { type: 'started' }
  | { type: 'listening'; address: Address }
  | { type: 'shut' }
  | { type: 'failed'; text: string; exitCode: number }
  /** A client asks for a place; it has left without one; it gives its place back. */
  | { type: 'take' | 'withdraw' | 'give back' }
