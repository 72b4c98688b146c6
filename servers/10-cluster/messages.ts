/** What the two kinds of process say to each other, over the channel of node:cluster. */
import type { Address } from '../posix/api.ts'
import type { ServeOptions } from '../server.ts'
import type { LogSettings } from '../support/report.ts'

export type ToWorker =
  | { type: 'serve'; options: ServeOptions; log: LogSettings }
  /** One of the clients for whom a place was asked has one. */
  | { type: 'place' }
  /** Accept nobody else, and say so; when all have, stop. */
  | { type: 'shut' }
  | { type: 'stop' }

export type ToPrimary =
  /** The worker hears messages from now on: those that came before are lost. */
  | { type: 'started' }
  | { type: 'listening'; address: Address }
  | { type: 'shut' }
  | { type: 'failed'; text: string; exitCode: number }
  /** A client has come, and asks for a place; it has gone without one; it gives its place back. */
  | { type: 'take' | 'withdraw' | 'give back' }
