/**
 * Counts the system calls of a process, by perf(1), Linux, at the tracepoint
 * raw_syscalls:sys_enter. Counting makes every system call of every process slower. So never count
 * in a window that measures time.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { processTree } from './process-stats.ts'

const EVENT = 'raw_syscalls:sys_enter'

/** Why this machine can't count system calls, and what to do; undefined if it can. */
export function whyNotCounted(): string | undefined {
  const { error, status } = spawnSync('perf', ['stat', '--event', EVENT, 'true'])
  if (error) return 'system calls are not counted without perf: apt-get install linux-perf'
  return status === 0 ? undefined : 'system calls are not counted: perf may not do so for this user'
}

/** Counts from `start` to `stop`; `count` then returns the number. */
export class SystemCallCounter {
  readonly #perf: ChildProcess
  readonly #control: Duplex
  readonly #acknowledged: Duplex

  private constructor(perf: ChildProcess) {
    this.#perf = perf
    this.#control = perf.stdio[3] as Duplex
    this.#acknowledged = perf.stdio[4] as Duplex
  }

  /** Counts the calls of all processes and threads of a server. Rejects if perf fails. */
  static async start(pid: number): Promise<SystemCallCounter> {
    // perf attaches now, and counts only after the order `enable`: see perf-stat(1), --control.
    const waiting = ['--delay', '-1', '--control', 'fd:3,4']
    const whom = ['--pid', processTree(pid).join(',')]
    const args = ['stat', '--field-separator', ',', '--event', EVENT, ...waiting, ...whom]
    const perf = spawn('perf', args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] })
    const counter = new SystemCallCounter(perf)
    await counter.#order('enable')
    return counter
  }

  async stop(): Promise<void> {
    await this.#order('disable')
  }

  /** Null if perf has printed no number. */
  async count(): Promise<number | null> {
    let said = ''
    this.#perf.stderr!.setEncoding('utf8').on('data', (text) => {
      said += text
    })
    const closed = once(this.#perf, 'close')
    this.#perf.kill('SIGINT')
    await closed
    const [number = ''] =
      said
        .split('\n')
        .find((line) => line.includes(EVENT))
        ?.split(',') ?? []
    return /^\d+$/.test(number) ? Number(number) : null
  }

  async #order(order: string): Promise<void> {
    const failed = once(this.#perf, 'close').then(() => {
      throw new Error(`perf ended before ${order}`)
    })
    failed.catch(() => {})
    this.#control.write(`${order}\n`)
    await Promise.race([once(this.#acknowledged, 'data'), failed])
  }
}
