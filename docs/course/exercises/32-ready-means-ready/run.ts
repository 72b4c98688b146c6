/** The student's program, started once more. What it prints is read, and its workers wait. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Server } from '../../../../clients/check/subject.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import { type Exit, watchExit } from '../../../../clients/launcher.ts'
import { processTree } from '../../../../clients/process-stats.ts'
import type { Address } from '../../../../servers/posix/api.ts'
import { folderOf } from '../../../build/course/exercise.ts'

/** Milliseconds. */
const PATIENCE = 3000
/** A worker prints this line on stderr when it is about to listen, and waits: see gate.mjs. */
const MARK = `a worker waits ${randomUUID()}`

/** One run of the program, in a process group of its own. No worker listens before it is let go. */
export class Run implements Server, AsyncDisposable {
  readonly address: Address
  readonly pid: number
  readonly #child: ChildProcess
  readonly #exited: Promise<Exit>
  #stdout = ''
  #stderr = ''
  readonly #kill = () => killGroup(this.pid)

  constructor(trial: Trial, port: number) {
    trial.note(`the program is started on port ${port}`)
    this.address = { family: 'IPv4', address: '127.0.0.1', port }
    const [node = '', ...args] = commandOf(trial.shared)
    const child = spawn(node, [...args.slice(0, -1), String(port)], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, ...withGate() },
    })
    this.pid = child.pid!
    this.#child = child
    this.#exited = watchExit(child)
    child.stdin.on('error', () => {})
    child.stdout.setEncoding('utf8').on('data', (text) => {
      this.#stdout += text
    })
    child.stderr.on('data', (text) => {
      this.#stderr += text
    })
    // A grader that is interrupted leaves nothing behind.
    process.once('exit', this.#kill)
  }

  /** The lines on stdout. */
  get lines(): readonly string[] {
    return this.#stdout.split('\n').filter((line) => line !== '')
  }

  /** The workers that run at this moment. */
  get workers(): readonly number[] {
    return processTree(this.pid).slice(1)
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Resolves when all workers are about to listen, and are held up; or when it has ended. */
  async isHeldUp(trial: Trial): Promise<void> {
    const held = () => this.#stderr.split(MARK).length - 1
    const isSo = async () => this.hasEnded || (held() > 0 && held() === this.workers.length)
    await trial.eventually(isSo, 'workers that listen', 'none')
    await trial.settled(this)
    if (!this.hasEnded) trial.note('its workers are about to listen, and are held up')
  }

  letOneGo(): void {
    this.#child.stdin!.write('!')
  }

  /** Nobody is held up any more. */
  letAllGo(): void {
    this.#child.stdin!.end()
  }

  /** Its end and that of its workers, which have its stderr too. */
  async exit(): Promise<Exit> {
    const late = sleep(PATIENCE, undefined, { ref: false })
    const exit = await Promise.race([this.#exited, late])
    if (exit) return { ...exit, stderr: exit.stderr.replaceAll(`${MARK}\n`, '') }
    throw new Broken('the end of the server', `it still runs after ${PATIENCE / 1000} s`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill()
    await this.#exited
    process.off('exit', this.#kill)
  }
}

/** The words with which the grader has started the program; the last one is the port. */
function commandOf({ pid }: Server): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1)
}

function withGate(): Record<string, string> {
  const { NODE_OPTIONS = '' } = process.env
  const gate = new URL('gate.mjs', folderOf('32-ready-means-ready'))
  return { NODE_OPTIONS: `${NODE_OPTIONS} --import ${gate}`, COURSE_GATE: MARK }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
