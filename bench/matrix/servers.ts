/** The rows of the matrix: models, bare servers and originals, each as a subject of a check. */

import { startProgram } from '../../clients/check/program.ts'
import { type Opened, opened } from '../../clients/check/run.ts'
import { PATIENCE, type Settings, type Topic } from '../../clients/check/subject.ts'
import { programSubject } from '../../clients/check/subjects.ts'
import { modelTarget } from '../../clients/check/targets.ts'
import { Broken, CannotTell } from '../../clients/check/verdict.ts'
import type { Protocol } from '../../clients/due-reply.ts'
import { launchProgram } from '../../clients/launcher.ts'
import { describeWait, MODELS, type Model, type Wait } from '../../servers/models.ts'
import type { Peers } from '../peers/find.ts'

export interface MatrixServer {
  readonly kind: 'model' | 'bare' | 'original'
  /** `poll-loop`, `03-poll-loop/bare.ts`, `Twisted`. */
  readonly name: string
  /** `libc poll`; what a bare server waits on is in its name. */
  readonly wait: string
  /** Starts the server that the cases share. */
  readonly open: () => Promise<Opened>
}

/** The models in each of their ways to wait that this machine has, and the bare servers. */
export async function ourServers(): Promise<MatrixServer[]> {
  const usable: Model[] = []
  for (const model of MODELS) if (!(await model.refusal?.())) usable.push(model)
  const waits = (model: Model) =>
    model.waits.filter(({ io }) => io !== 'libc' || process.platform === 'linux')
  const models = usable.flatMap((model) => waits(model).map((wait) => modelServer(model, wait)))
  return [...models, ...usable.map(bareServer)]
}

function modelServer(model: Model, wait: Wait): MatrixServer {
  const { open } = modelTarget(model, wait)
  return { kind: 'model', name: model.id, wait: describeWait(wait), open }
}

const TOO_MANY_THREADS = 'ten thousand threads of Node would take tens of GiB'

/** asynchat collects lines; the others echo whatever comes. */
function bareServer({ id, folder }: Model): MatrixServer {
  const protocol: Protocol = id === 'asynchat' ? 'line' : 'raw'
  const isTooMuch = ({ needs }: Topic) => id === 'threads' && needs?.includes('crowd')
  const program = `${process.execPath} --import tsx servers/${folder}/bare.ts {port}`
  return {
    kind: 'bare',
    name: `${folder}/bare.ts`,
    wait: '',
    open: async () => {
      const shared = await startProgram(program)
      const known = programSubject(program, shared, protocol)
      const start = (settings?: Settings) => known.start(withoutLimits(settings))
      const exception = (topic: Topic) => (isTooMuch(topic) ? TOO_MANY_THREADS : undefined)
      return opened({ ...known, start, exception }, shared)
    },
  }
}

/** A bare server takes a port and nothing else: it has no limits that could be set. */
function withoutLimits({ maxConnections, idleTimeout, grace, ...rest }: Settings = {}): Settings {
  if (maxConnections !== undefined && maxConnections < 100) {
    throw new Broken('a limit of connections', 'a program without one')
  }
  if (idleTimeout !== undefined) throw new Broken('an idle timeout', 'a program without one')
  return rest
}

/** The originals that were found on this machine. */
export function originals(peers: Peers): MatrixServer[] {
  return peers.rows.map(({ name, wait, command }) => ({
    kind: 'original',
    name,
    wait,
    open: async () => {
      const start = async ({ descriptors, ...settings }: Settings = {}) => {
        refuse(settings)
        return launchProgram(command!('raw'), descriptors === undefined ? {} : { descriptors })
      }
      const shared = await start()
      const fixed = {
        protocol: 'raw',
        patience: PATIENCE,
        isConcurrent: true,
        exception: () => undefined,
      } as const
      return opened({ ...fixed, shared, start }, shared)
    },
  }))
}

/** The originals are as short as their books have them: no flags, and any free port. */
function refuse({ maxConnections, idleTimeout, port, computes }: Settings): void {
  if (computes) throw new CannotTell('this program only echoes')
  if (maxConnections !== undefined && maxConnections < 100) {
    throw new CannotTell('this program has no limit of connections')
  }
  if (idleTimeout !== undefined) throw new CannotTell('this program has no idle timeout')
  if (port !== undefined) throw new CannotTell('this program listens on any free port only')
}

/** The rows with these names; all if there are none. */
export function chosen(servers: readonly MatrixServer[], names: readonly string[]): MatrixServer[] {
  return servers.filter(({ name }) => names.length === 0 || names.includes(name))
}
