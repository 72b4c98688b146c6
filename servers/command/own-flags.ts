/** The flags of `serve` that only some models take: threads, processes, TLS, and faults. */
import { availableParallelism } from 'node:os'
import { MODELS, type Model, type OwnFlag } from '../models.ts'
import { type Faults, parseFaults } from '../posix/faults.ts'
import { type ServeOptions, THREADS } from '../server.ts'
import { UsageError } from './cli.ts'
import { readIdentity } from './identity.ts'

export interface OwnFlags {
  threads?: number
  workers?: number
  tlsCert?: string
  tlsKey?: string
  faults?: string
}

/** What the flags say, with defaults. Throws a UsageError if the model takes no such flag. */
export async function ownFlags(
  model: Model,
  io: ServeOptions['io'],
  { threads, workers, tlsCert, tlsKey, faults }: OwnFlags,
): Promise<Pick<ServeOptions, 'threads' | 'workers' | 'tls' | 'faults'>> {
  if (threads !== undefined) mustTake(model, 'threads', '--threads')
  if (workers !== undefined) mustTake(model, 'workers', '--workers')
  if (tlsCert !== undefined) mustTake(model, 'tls', '--tls-cert')
  if (tlsKey !== undefined) mustTake(model, 'tls', '--tls-key')
  return {
    threads: threads ?? THREADS,
    workers: workers ?? availableParallelism(),
    tls: await readIdentity(tlsCert, tlsKey),
    faults: faults === undefined ? undefined : faultsOf(model, io, faults),
  }
}

function faultsOf(model: Model, io: ServeOptions['io'], spec: string): Faults {
  mustTake(model, 'faults', '--faults')
  try {
    const faults = parseFaults(spec)
    const { eagain, emfile, reset, eintr } = faults
    if (io === 'node' && eagain + emfile + reset + eintr > 0) {
      throw new UsageError(`--faults ${spec}: on Node's sockets there are only send and recv`)
    }
    if (io === 'atomics' && eintr > 0) {
      throw new UsageError('--faults eintr: only --io libc makes calls that a signal interrupts')
    }
    return faults
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error
  }
}

function mustTake(model: Model, flag: OwnFlag, name: string): void {
  if (model.takes.includes(flag)) return
  const takers = MODELS.filter(({ takes }) => takes.includes(flag)).map(({ id }) => id)
  throw new UsageError(`${model.id} has no ${name}; it is for: ${takers.join(', ')}`)
}
