/** The flags of `serve` that only some models take: threads, processes, and TLS. */
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { createSecureContext } from 'node:tls'
import { getSystemErrorMap } from 'node:util'
import { MODELS, type Model, type OwnFlag } from '../models.ts'
import { type ServeOptions, THREADS, type TlsIdentity } from '../server.ts'
import { fail, UsageError } from './cli.ts'

export interface OwnFlags {
  threads?: number
  workers?: number
  tlsCert?: string
  tlsKey?: string
}

/** What the flags say, with defaults. Throws a UsageError if the model takes no such flag. */
export async function ownFlags(
  model: Model,
  { threads, workers, tlsCert, tlsKey }: OwnFlags,
): Promise<Pick<ServeOptions, 'threads' | 'workers' | 'tls'>> {
  if (threads !== undefined) mustTake(model, 'threads', '--threads')
  if (workers !== undefined) mustTake(model, 'workers', '--workers')
  if (tlsCert !== undefined) mustTake(model, 'tls', '--tls-cert')
  if (tlsKey !== undefined) mustTake(model, 'tls', '--tls-key')
  return {
    threads: threads ?? THREADS,
    workers: workers ?? availableParallelism(),
    tls: await readIdentity(tlsCert, tlsKey),
  }
}

function mustTake(model: Model, flag: OwnFlag, name: string): void {
  if (model.takes.includes(flag)) return
  const takers = MODELS.filter(({ takes }) => takes.includes(flag)).map(({ id }) => id)
  throw new UsageError(`${model.id} has no ${name}; it is for: ${takers.join(', ')}`)
}

/** Reads both files, and checks that they belong together before a server starts with them. */
async function readIdentity(cert?: string, key?: string): Promise<TlsIdentity | undefined> {
  if (cert === undefined && key === undefined) return undefined
  if (cert === undefined) throw new UsageError('--tls-key needs --tls-cert as well')
  if (key === undefined) throw new UsageError('--tls-cert needs --tls-key as well')
  const identity = { cert: await read('--tls-cert', cert), key: await read('--tls-key', key) }
  try {
    createSecureContext(identity)
  } catch (error) {
    fail(`--tls-cert ${cert} and --tls-key ${key} are no pair: ${(error as Error).message}`)
  }
  return identity
}

async function read(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { errno = 0, message } = error as NodeJS.ErrnoException
    fail(`${flag} ${file}: ${getSystemErrorMap().get(errno)?.[1] ?? message}`)
  }
}
