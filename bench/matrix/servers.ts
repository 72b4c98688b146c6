/** The rows of the matrix: models, bare servers and originals, each as a subject of a check. */

import { startProgram } from '../../clients/check/program.ts'
import { type Opened, opened } from '../../clients/check/run.ts'
import type { Settings, Topic } from '../../clients/check/subject.ts'
import { programSubject } from '../../clients/check/subjects.ts'
import { modelTarget } from '../../clients/check/targets.ts'
import { Broken, CannotTell } from '../../clients/check/verdict.ts'
import type { Protocol } from '../../clients/due-reply.ts'
import { describeWait, MODELS, type Model, type Wait } from '../../servers/models.ts'
import { bareCommand, bareName } from '../peers/bare.ts'
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
function bareServer(model: Model): MatrixServer {
  const { id } = model
  const isTooMuch = ({ needs }: Topic) => id === 'threads' && needs?.includes('crowd')
  const known = { kind: 'bare', name: bareName(model), wait: '' } as const
  return programServer(known, [...bareCommand(model), '{port}'], {
    protocol: id === 'asynchat' ? 'line' : 'raw',
    // It takes a port and nothing else: to have these is a promise, and it has left them out.
    lacks: (what) => new Broken(what, 'a program without one'),
    exception: (topic) => (isTooMuch(topic) ? TOO_MANY_THREADS : undefined),
  })
}

/** The originals that were found on this machine: as short as their books have them. */
export function originals(peers: Peers): MatrixServer[] {
  return peers.rows.map(({ name, wait, command }) => {
    const words = [...command!('raw'), '--port', '{port}']
    return programServer({ kind: 'original', name, wait }, words, {
      protocol: 'raw',
      lacks: (what) => new CannotTell(`this program has no flag for ${what}`),
      exception: () => undefined,
    })
  })
}

interface Traits {
  readonly protocol: Protocol
  /** What is thrown when a case asks for a setting that the program lacks. */
  readonly lacks: (what: string) => Error
  readonly exception: (topic: Topic) => string | undefined
}

function programServer(
  known: Pick<MatrixServer, 'kind' | 'name' | 'wait'>,
  command: readonly string[],
  { protocol, lacks, exception }: Traits,
): MatrixServer {
  const line = command.join(' ')
  const open = async () => {
    const shared = await startProgram(line)
    const subject = programSubject(line, shared, protocol)
    // Of many connections or much grace there is enough without a flag.
    const start = ({ maxConnections, idleTimeout, grace, ...rest }: Settings = {}) => {
      if (maxConnections !== undefined && maxConnections < 100)
        throw lacks('a limit of connections')
      if (idleTimeout !== undefined) throw lacks('an idle timeout')
      return subject.start(rest)
    }
    return opened({ ...subject, start, exception }, shared)
  }
  return { ...known, open }
}

/** The rows with these names; all if there are none. */
export function chosen(servers: readonly MatrixServer[], names: readonly string[]): MatrixServer[] {
  return servers.filter(({ name }) => names.length === 0 || names.includes(name))
}
