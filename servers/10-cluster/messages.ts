/**
 * The messages between the primary and a worker, over the channel of node:cluster. They travel as
 * JSON: with `serialization: 'advanced'` a connection costs the primary a third more.
 */
import { deserialize, serialize } from 'node:v8'
import type { Address } from '../posix/api.ts'
import type { ServeOptions } from '../server.ts'
import type { LogSettings } from '../support/report.ts'

export type ToWorker =
  /** `options`: as `pack` has made them. `primary`: the pid. */
  | { type: 'serve'; options: string; log: LogSettings; primary: number }
  /** The client that is handed over next has no place yet. All others have one. */
  | { type: 'wait' }
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
  /** A client that waited for a place has left without one. */
  | { type: 'withdraw' }
  /** So many clients have left, and their places are free. */
  | { type: 'give back'; count: number }

/** As text, since JSON knows no Infinity. */
export function pack(options: ServeOptions): string {
  return serialize(options).toString('base64')
}

export function unpack(packed: string): ServeOptions {
  return deserialize(Buffer.from(packed, 'base64'))
}
