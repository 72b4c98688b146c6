/** Starts a model as a child process, with the command that its user would type, and stops it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { commandOf } from '../servers/boot/build.mjs'
import { ROOT } from '../servers/boot/root.mjs'
import type { Address } from '../servers/posix/api.ts'

export interface Exit {
  /** Null if a signal ended the process. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

export interface LaunchOptions {
  /** The hard limit of descriptors for the process (`ulimit -n`); not on Windows. */
  readonly descriptors?: number
  /** The CPUs that the process may run on; see {@link pinnedTo}. */
  readonly cpus?: readonly number[] | undefined
}

/** The servers that run. A program that is interrupted must not leave them behind. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The server ended before it was ready. */
export class LaunchError extends Error {
  readonly exit: Exit

  constructor(command: string, exit: Exit) {
    super(`${command} did not start (exit ${exit.code ?? exit.signal}): ${exit.stderr.trim()}`)
    this.exit = exit
  }
}

/** A server that listens. `await using` stops it at the end of the block. */
export class RunningServer implements AsyncDisposable {
  readonly address: Address
  readonly pid: number
  /** Resolves when the process has ended, by itself or by a signal. */
  readonly exited: Promise<Exit>
  readonly #child: ChildProcess

  constructor(child: ChildProcess, exited: Promise<Exit>, address: Address) {
    this.#child = child
    this.exited = exited
    this.address = address
    this.pid = child.pid!
  }

  /** Resolves at the next line of stderr that matches. Rejects if stderr ends first. */
  async stderrLine(pattern: RegExp): Promise<void> {
    for await (const line of createInterface({ input: this.#child.stderr! })) {
      if (pattern.test(line)) return
    }
    throw new Error(`no line on stderr that matches ${pattern}`)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Ends the process at once, by SIGKILL, and waits for its end. */
  async kill(): Promise<Exit> {
    this.signal('SIGKILL')
    return this.exited
  }

  /** Asks the server to close in order, by SIGTERM, and waits for its end. */
  async stop(): Promise<Exit> {
    this.signal('SIGTERM')
    return this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}

/** Starts `serve <model> <flags>` on a free port; see {@link launchProgram}. */
export function launch(
  model: string,
  flags: readonly string[] = [],
  options: LaunchOptions = {},
): Promise<RunningServer> {
  return launchProgram([...commandOf('servers/main.ts'), model, '--port', '0', ...flags], options)
}

/**
 * Starts a server, and waits until it says on stdout that it is ready: `listening HOST:PORT`.
 * Rejects with a LaunchError if the process ends before.
 */
export async function launchProgram(
  command: readonly string[],
  { descriptors, cpus }: LaunchOptions = {},
): Promise<RunningServer> {
  // `ulimit -n` sets the soft and the hard limit: Node would raise a soft limit when it starts.
  const limit = descriptors ? ['sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`] : []
  const [program = '', ...args] = [...limit, ...pinnedTo(cpus, command)]
  const child = spawn(program, args, {
    cwd: fileURLToPath(ROOT),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const exited = watchExit(child).finally(() => running.delete(child))
  const lines = createInterface({ input: child.stdout! })
  const first = await Promise.race([once(lines, 'line') as Promise<[string]>, exited])
  if (!Array.isArray(first)) throw new LaunchError(command.join(' '), first)
  return new RunningServer(child, exited, parseReady(first[0]))
}

/** A command that runs `command` on some CPUs only: taskset(1), Linux. Without `cpus`, on all. */
export function pinnedTo(
  cpus: readonly number[] | undefined,
  command: readonly string[],
): readonly string[] {
  return cpus ? ['taskset', '--cpu-list', cpus.join(','), ...command] : command
}

/** @param line `listening 127.0.0.1:8881`, `listening [::1]:8881`, or the object of `--json` */
function parseReady(line: string): Address {
  const [, bare, bracketed, port] = /^listening (?:([^[\]]+)|\[(.+)\]):(\d+)$/.exec(line) ?? []
  const found = line.startsWith('{') ? JSON.parse(line) : { address: bare ?? bracketed, port }
  const address = String(found.address)
  return { family: address.includes(':') ? 'IPv6' : 'IPv4', address, port: Number(found.port) }
}

/** Resolves when the process has ended and all of its stderr was read. */
export async function watchExit(child: ChildProcess): Promise<Exit> {
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  // Not `exit`: `close` comes later, when all of stderr has been read.
  const [code, signal] = await once(child, 'close')
  return { code, signal, stderr }
}
