/** What can be named on the command line, and the check itself. */
import { modelNamed } from '../../servers/command/own-model.ts'
import { resolveHost } from '../../servers/command/resolve.ts'
import { chooseWait, describeWait, type Model, type Wait, waitFlags } from '../../servers/models.ts'
import { type Address, formatAddress } from '../../servers/posix/api.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { ClientError, connectError } from '../command.ts'
import type { Protocol } from '../due-reply.ts'
import { LaunchError, launch } from '../launcher.ts'
import { note } from '../terminal.ts'
import { CASES } from './cases/all.ts'
import { type Identity, identify } from './identify.ts'
import { checkCommand, NeverListens, startProgram } from './program.ts'
import { PROMISE_NUMBERS, type PromiseNumber } from './promises.ts'
import { type CheckResult, resultOf } from './result.ts'
import { type Done, type Opened, opened, tryAll } from './run.ts'
import { type FlagName, modelSubject, programSubject, remoteSubject } from './subjects.ts'

/** What the user has said about the server. */
export interface Asked {
  /** Starts it; `{port}` stands for the port. */
  readonly command?: string
  /** What it speaks; it is asked if this is undefined. */
  readonly protocol?: Protocol
  /** How the server of the command is told its settings. */
  readonly flags?: ReadonlyMap<FlagName, string>
  /** How long it may be silent, in milliseconds; 10 s if it is undefined. */
  readonly patience?: number | undefined
}

/** What is checked. */
export interface Target {
  readonly name: string
  /** Starts the server, if it does not run already. */
  readonly open: () => Promise<Opened>
}

/**
 * Holds a server to the promises: all that `client check` does, without its output.
 *
 * @param only the promises that are tried
 * @param done is called after each case
 */
export async function check(
  { name, open }: Target,
  only: readonly PromiseNumber[] = PROMISE_NUMBERS,
  done: Done = () => {},
): Promise<CheckResult> {
  const cases = CASES.filter(({ promise }) => only.includes(promise))
  const from = performance.now()
  const findings = await tryAll(cases, open, done)
  return resultOf(name, findings, (performance.now() - from) / 1000)
}

/**
 * Finds out what is to be checked, and what it speaks. Throws a UsageError or a ClientError if there
 * is no such server, or if it is no echo server.
 *
 * @param target HOST:PORT or the name of a model; undefined with a command
 */
export async function targetOf(target = '', flags: Asked): Promise<Target> {
  if (flags.command !== undefined) return programTarget(flags.command, flags)
  if (/:\d+$/.test(target)) return remoteTarget(target, flags)
  const model = await modelNamed(target, 'HOST:PORT or model')
  return modelTarget(model, chooseWait(model, {}), flags)
}

async function remoteTarget(target: string, flags: Asked): Promise<Target> {
  const address = await addressOf(target)
  const protocol = await protocolOf(address, flags.protocol)
  const subject = remoteSubject(address, protocol, flags.patience)
  return { name: formatAddress(address), open: async () => opened(subject) }
}

/** A model, waiting in one of its ways. */
export function modelTarget(
  model: Model,
  wait: Wait,
  { protocol = 'line', patience }: Asked = {},
): Target {
  const flags = waitFlags(wait)
  const open = async () => {
    const shared = await started(launch(model.id, [...flags, '--protocol', protocol]))
    return opened(modelSubject(model, flags, shared, protocol, patience), shared)
  }
  return { name: `${model.id}, ${describeWait(wait)}`, open }
}

async function programTarget(
  command: string,
  { protocol: asked, flags, patience }: Asked,
): Promise<Target> {
  checkCommand(command)
  const protocol = await protocolOfProgram(command, asked, patience)
  const open = async () => {
    const shared = await started(startProgram(command, { patience }), EXIT.failed)
    return opened(programSubject(command, shared, protocol, flags, patience), shared)
  }
  return { name: command, open }
}

async function protocolOfProgram(
  command: string,
  asked: Protocol | undefined,
  patience: number | undefined,
): Promise<Protocol> {
  await using server = await started(startProgram(command, { patience }), EXIT.failed)
  return await protocolOf(server.address, asked)
}

/** A server that can't be started is one line. */
async function started<Server>(
  starting: Promise<Server>,
  unsupported: number = EXIT.unsupported,
): Promise<Server> {
  try {
    return await starting
  } catch (error) {
    if (error instanceof NeverListens) throw new ClientError(error.message)
    if (!(error instanceof LaunchError)) throw error
    // A model exits with 3 where this machine can't run it. Of other programs that means nothing.
    const isUnsupported = error.exit.code === EXIT.unsupported
    throw new ClientError(error.message, isUnsupported ? unsupported : EXIT.failed)
  }
}

/** What the server is asked for. A server that seems to speak something else is said to do so. */
async function protocolOf(address: Address, asked: Protocol | undefined): Promise<Protocol> {
  const identity = await identified(address)
  const where = formatAddress(address)
  if ('protocol' in identity) {
    const { protocol } = identity
    const isOther = asked !== undefined && asked !== protocol
    if (isOther) note(`note: ${where} seems to speak ${protocol}, and ${asked} is expected of it`)
    return asked ?? protocol
  }
  if (!asked)
    throw new ClientError(
      `${where}: ${identity.hint}; to check it all the same, say which --protocol`,
      EXIT.unsupported,
    )
  note(`note: ${where}: ${identity.hint}`)
  return asked
}

async function identified(address: Address): Promise<Identity> {
  try {
    return await identify(address)
  } catch (error) {
    throw connectError(error, { host: address.address, port: address.port })
  }
}

async function addressOf(target: string): Promise<Address> {
  const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(target) ?? []
  try {
    return await resolveHost(host, Number(port))
  } catch (error) {
    throw connectError(error, { host, port: Number(port) })
  }
}
