/** What can be checked: a server that runs somewhere, one of a command, and a model of ours. */
import type { Model, PromiseName } from '../../servers/models.ts'
import type { Address } from '../../servers/posix/api.ts'
import { THREADS } from '../../servers/server.ts'
import type { Protocol } from '../due-reply.ts'
import { type LaunchOptions, launch } from '../launcher.ts'
import { startProgram } from './program.ts'
import { type OwnServer, PATIENCE, type Settings, type Subject, type Topic } from './subject.ts'
import { CannotTell } from './verdict.ts'

/** Settings that a user's server may have flags for. */
export const FLAGS = {
  'max-connections': 'maxConnections',
  'idle-timeout': 'idleTimeout',
  grace: 'grace',
} as const satisfies Record<string, keyof Settings>
export type FlagName = keyof typeof FLAGS

/** A server that runs somewhere. Nothing can be asked of its process. */
export function remoteSubject(shared: Address, protocol: Protocol, patience = PATIENCE): Subject {
  return {
    protocol,
    patience,
    isConcurrent: true,
    shared: { address: shared, pid: undefined },
    exception: () => undefined,
    start: () => Promise.reject(new CannotTell('this needs a server of its own: use --command')),
  }
}

/**
 * The server of a command.
 *
 * @param flags for each setting the words to append to the command; `{n}` in them is the value
 */
export function programSubject(
  command: string,
  shared: OwnServer,
  protocol: Protocol,
  flags: ReadonlyMap<FlagName, string> = new Map(),
  patience = PATIENCE,
): Subject {
  return {
    protocol,
    patience,
    isConcurrent: true,
    shared,
    exception: () => undefined,
    start: ({ descriptors, port, computes, ...settings } = {}) => {
      if (computes)
        throw new CannotTell('this needs a handler that computes, which our models have')
      const words = asked(settings).map(([name, value]) => wordsFor(flags, name, value))
      return startProgram([command, ...words].join(' '), { port, descriptors, patience })
    },
  }
}

/** The settings that are asked for, by the names of their flags. */
function asked(settings: Settings): [FlagName, number][] {
  return (Object.keys(FLAGS) as FlagName[]).flatMap((name): [FlagName, number][] => {
    const value = settings[FLAGS[name]]
    return value === undefined ? [] : [[name, value]]
  })
}

function wordsFor(flags: ReadonlyMap<FlagName, string>, name: FlagName, value: number): string {
  const words = flags.get(name)
  if (words === undefined) {
    throw new CannotTell(`this needs a flag of the server: use --flags '${name}=… {n}'`)
  }
  return words.replaceAll('{n}', String(value))
}

/** The promises that a case is about, under the names that models.ts has for its exceptions. */
const NAMES: Partial<Record<number, PromiseName>> = {
  2: 'half-close',
  3: 'back-pressure',
  4: 'isolation',
  5: 'max-connections',
  6: 'idle-timeout',
  7: 'descriptors',
  8: 'stop',
}

/** A model of ours, waiting in one of its ways. */
export function modelSubject(
  model: Model,
  flags: readonly string[],
  shared: OwnServer,
  protocol: Protocol,
  patience = PATIENCE,
): Subject {
  return {
    protocol,
    patience,
    isConcurrent: model.exceptions.concurrency === undefined,
    shared,
    exception: (topic) => exceptionOf(model, topic),
    start: (settings = {}) => {
      const { descriptors, computes, ...rest } = settings
      const options: LaunchOptions = descriptors === undefined ? {} : { descriptors }
      const spoken = ['--protocol', computes ? 'burn' : protocol]
      return launch(model.id, [...flags, ...spoken, ...modelFlags(model, rest)], options)
    },
  }
}

function modelFlags({ takes }: Model, { port, ...settings }: Settings): string[] {
  const own = asked(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  const { maxConnections = 0 } = settings
  // A model with a thread for each client has a limit of its own.
  if (takes.includes('threads') && maxConnections > THREADS)
    own.push('--threads', `${maxConnections}`)
  return port === undefined ? own : [...own, '--port', String(port)]
}

/** Why a model can't keep what the case is about; undefined if it can. */
function exceptionOf(
  { exceptions, places }: Model,
  { promise, needs = [] }: Topic,
): string | undefined {
  const concerned = NAMES[promise]
  const isAlone = needs.includes('concurrency') ? exceptions.concurrency : undefined
  const isFull = needs.includes('crowd') ? places?.reason : undefined
  return (concerned && exceptions[concerned]) ?? isAlone ?? isFull
}
