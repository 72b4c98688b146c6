/**
 * Runs a program and all that it starts within limits. This is no sandbox: a submission can read what
 * the teacher can read, and one that is made to escape will. It stops what goes wrong by mistake: an
 * endless loop, a leak, a storm of forks.
 */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { watchExit } from '../../../clients/launcher.ts'

export interface Limits {
  readonly seconds: number
  /** Bytes of all its processes, without what comes from files: Node's code is there once for all. */
  readonly memory: number
  readonly processes: number
  readonly descriptors: number
}

export interface Watched {
  readonly stdout: string
  /** Why it was ended; undefined if it has ended by itself. */
  readonly reason?: string
}

/** How often its processes are looked at, in milliseconds. */
const LOOK = 100

/** @param command an argument vector */
export async function runWithin(command: readonly string[], limits: Limits): Promise<Watched> {
  // Every process that it starts inherits the mark, also one that leaves its group or its parent.
  const mark = `COURSE_RUN=${randomUUID()}`
  const limited = `ulimit -n ${limits.descriptors}; exec "$0" "$@"`
  const [name, value = ''] = mark.split('=')
  const child = spawn('sh', ['-c', limited, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, [name!]: value },
  })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text
  })
  const began = performance.now()
  let reason: string | undefined
  const watching = setInterval(() => {
    reason ??= excessOf(mark, limits, performance.now() - began)
    if (reason !== undefined) killAll(mark)
  }, LOOK)
  // A command that is interrupted leaves nothing of a submission behind.
  const end = () => killAll(mark)
  process.once('exit', end)
  try {
    await watchExit(child)
  } finally {
    process.off('exit', end)
    clearInterval(watching)
    killAll(mark)
  }
  return { stdout, ...(reason !== undefined && { reason }) }
}

function excessOf(mark: string, limits: Limits, elapsed: number): string | undefined {
  const pids = processesOf(mark)
  const memory = pids.reduce((sum, pid) => sum + memoryOf(pid), 0)
  if (elapsed > limits.seconds * 1000) return `it took longer than ${limits.seconds} s`
  if (pids.length > limits.processes)
    return `it has started more than ${limits.processes} processes`
  const most = Math.round(limits.memory / 2 ** 20)
  return memory > limits.memory ? `it has used more than ${most} MiB of memory` : undefined
}

/** Linux: the processes whose environment has the mark. */
function processesOf(mark: string): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map(Number).filter((pid) => read(`/proc/${pid}/environ`).includes(mark))
}

/** See proc_pid_status(5): anonymous and shared memory, in bytes. */
function memoryOf(pid: number): number {
  const found = read(`/proc/${pid}/status`).matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)
  return [...found].reduce((sum, [, count]) => sum + Number(count) * 1024, 0)
}

/** Empty if the process has ended, or belongs to somebody else. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** While some are killed others may be started: so it is looked again until there are none. */
function killAll(mark: string): void {
  for (let round = 0; round < 20; round++) {
    const pids = processesOf(mark)
    if (pids.length === 0) return
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It has ended meanwhile.
      }
    }
  }
}
