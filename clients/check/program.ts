/** Starts the server of a user's command, and leaves nothing of it behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../../servers/command/cli.ts'
import type { Address } from '../../servers/posix/api.ts'
import { type Exit, LaunchError, pinnedTo, watchExit } from '../launcher.ts'
import { waitedSeconds } from '../process-stats.ts'
import { type OwnServer, PATIENCE } from './subject.ts'

/** Milliseconds that a server has to end that can't start. */
const FAILURE = 5000
const TICK = 25
/** How much longer a server is waited for on a machine that has no CPU for it: so many times. */
const MOST = 3

/** The process groups that run. A check that is interrupted must not leave them behind. */
const running = new Set<number>()
process.on('exit', () => {
  for (const pid of running) killGroup(pid)
})

interface StartOptions {
  /** A fixed one, which may be in use; any free one if it is undefined. */
  readonly port?: number | undefined
  /** The hard limit of descriptors for the process (`ulimit -n`). */
  readonly descriptors?: number | undefined
  /** Milliseconds that the server has until it accepts connections. */
  readonly patience?: number | undefined
  /** The CPUs that it may run on; see {@link pinnedTo}. */
  readonly cpus?: readonly number[] | undefined
}

/** The server didn't end, and accepted no connection either. */
export class NeverListens extends Error {
  override readonly name = 'NeverListens'
}

/** Throws a UsageError if nothing in the user's command stands for the port. */
export function checkCommand(line: string): void {
  if (!line.includes('{port}')) throw new UsageError(`--command ${line}: it needs {port} in it`)
}

/** A server that runs, as a process group of its own: `sh -c` and all that it has started. */
class Program implements OwnServer {
  readonly address: Address
  readonly pid: number
  readonly exited: Promise<Exit>

  constructor(child: ChildProcess, exited: Promise<Exit>, address: Address) {
    this.pid = child.pid!
    this.exited = exited
    this.address = address
  }

  signal(name: NodeJS.Signals): void {
    try {
      process.kill(this.pid, name)
    } catch {
      // It has ended already.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    killGroup(this.pid)
    await this.exited
    running.delete(this.pid)
  }
}

/**
 * Starts a command and waits until it accepts connections on 127.0.0.1.
 *
 * @param command a line for the shell; `{port}` in it is replaced by the port
 * @throws LaunchError if the command ends before, NeverListens if it does neither
 */
export async function startProgram(
  command: string,
  { port, descriptors, patience = PATIENCE, cpus }: StartOptions = {},
): Promise<OwnServer> {
  const address: Address = {
    family: 'IPv4',
    address: '127.0.0.1',
    port: port ?? (await freePort()),
  }
  const line = command.replaceAll('{port}', String(address.port))
  const limit = descriptors ? `ulimit -n ${descriptors}; ` : ''
  // With `exec` the process is the server itself and no shell, which would not pass on signals.
  const isSimple = !/[;&|\n]/.test(line)
  const shell = ['sh', '-c', `${limit}${isSimple ? 'exec ' : ''}${line}`]
  const [first = '', ...args] = pinnedTo(cpus, shell)
  const child = spawn(first, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const exited = watchExit(child)
  const program = new Program(child, exited, address)
  running.add(program.pid)
  try {
    await (port === undefined ? ready(line, program, patience) : ended(line, program))
    return program
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Resolves when the server accepts connections. While a busy machine lets it wait for a CPU, it is
 * not to blame: this time doesn't count, up to a limit.
 */
async function ready(line: string, program: Program, patience: number): Promise<void> {
  const began = performance.now()
  const waited = () => 1000 * (waitedSeconds(program.pid) ?? 0)
  const isPatient = () => performance.now() - began < patience + Math.min(waited(), MOST * patience)
  let exit: Exit | undefined
  program.exited.then((end) => {
    exit = end
  })
  while (isPatient()) {
    if (exit) throw new LaunchError(line, exit)
    if (await accepts(program.address)) return
    await sleep(TICK)
  }
  throw new NeverListens(`${line}: no connection was accepted in ${patience / 1000} s`)
}

/** Expects the end: somebody else may listen on the port, so that a connect would prove nothing. */
async function ended(line: string, program: Program): Promise<void> {
  const late = sleep(FAILURE, undefined, { ref: false })
  const exit = await Promise.race([program.exited, late])
  if (exit) throw new LaunchError(line, exit)
}

async function accepts({ address, port }: Address): Promise<boolean> {
  const socket = connect({ host: address, port })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
