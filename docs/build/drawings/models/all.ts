/** The drawings of all models, in the order of the course. */
import { asyncAwait } from './async-await.ts'
import { asynchat } from './asynchat.ts'
import { asyncore } from './asyncore.ts'
import { blockingSerial } from './blocking-serial.ts'
import { callbacks } from './callbacks.ts'
import { cluster } from './cluster.ts'
import { completion } from './completion.ts'
import { greenThreads } from './green-threads.ts'
import { pollLoop } from './poll-loop.ts'
import { reactor } from './reactor.ts'
import { threads } from './threads.ts'

export const DRAWINGS = [
  blockingSerial,
  threads,
  pollLoop,
  asyncore,
  asynchat,
  reactor,
  greenThreads,
  callbacks,
  asyncAwait,
  cluster,
  completion,
] as const
