/** The program of a submission, started once more, with a look at all that it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken, CannotTell } from '../../../../clients/check/verdict.ts'
import { type Exit, watchExit } from '../../../../clients/launcher.ts'

/** Milliseconds. */
const PATIENCE = 3000

export interface Where {
  readonly host: string
  readonly port: number
  /** A module that is loaded before the program. */
  readonly preload?: string
}

export class Run implements AsyncDisposable {
  readonly exited: Promise<Exit>
  /** All lines of its stdout so far. */
  readonly said: string[] = []
  readonly #child: ChildProcess
  readonly #where: Where
  readonly #firstLine: Promise<string>

  constructor(trial: Trial, where: Where) {
    const [node = '', ...args] = commandOf(trial.shared)
    const words = [...args.slice(0, -1), String(where.port), where.host]
    const options = where.preload === undefined ? [] : ['--import', where.preload]
    trial.note(`your program is started with ${where.port} ${where.host}`)
    this.#where = where
    this.#child = spawn(node, [...options, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.exited = watchExit(this.#child)
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => {
      this.said.push(line)
      trial.note(`it says ${JSON.stringify(line)}`)
    })
    this.#firstLine = new Promise((resolve) => lines.once('line', resolve))
  }

  get server(): Server {
    const { host: address, port } = this.#where
    return { address: { family: 'IPv4', address, port }, pid: this.#child.pid }
  }

  /** The first line that it says. Throws Broken if it says none. */
  async firstLine(): Promise<string> {
    const ended = this.exited.then(({ code, signal }) => {
      throw new Broken('a line on stdout', `the end: ${signal ?? `exit code ${code}`}`)
    })
    ended.catch(() => {})
    return within(Promise.race([this.#firstLine, ended]), 'a line on stdout', 'nothing')
  }

  /** How it has ended. Throws Broken if it goes on. */
  end(): Promise<Exit> {
    return within(this.exited, 'the end of the program', 'it still runs')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid!, 'SIGKILL')
    } catch {
      // It has ended already.
    }
    await this.exited
  }
}

/** The words with which a server was started; the last one is its port. */
function commandOf({ pid }: Server): string[] {
  if (process.platform !== 'linux' || pid === undefined) throw new CannotTell('this needs Linux')
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean)
}

async function within<Value>(work: Promise<Value>, expected: string, got: string): Promise<Value> {
  const late = new AbortController()
  const stalled = sleep(PATIENCE, undefined, { signal: late.signal }).then(() => {
    throw new Broken(expected, `${got} after ${PATIENCE / 1000} s`)
  })
  stalled.catch(() => {})
  try {
    return await Promise.race([work, stalled])
  } finally {
    late.abort()
  }
}
