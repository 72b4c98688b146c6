/** Measures the server under load from outside, by its process id. */

import {
  cpuSeconds,
  descriptorCount,
  type MachineTime,
  machineTime,
  residentBytes,
  threadCount,
  waitedSeconds,
} from '../process-stats.ts'
import type { Contention, ServerUsage, Usage } from './result.ts'

/** The clocks, read at each end of the window. */
export interface Reading {
  /** Milliseconds, of `performance.now()`. */
  readonly time: number
  /** Seconds of CPU time since the process started. */
  readonly clientCpu: number
  /** The same of the server; undefined if it can't be measured. */
  readonly serverCpu: number | undefined
  /** Seconds for which threads were ready and had no CPU; undefined if the machine doesn't say. */
  readonly clientWaited: number | undefined
  readonly serverWaited: number | undefined
  readonly machine: MachineTime | undefined
}

/** How long a server may need to accept what is in its backlog, in milliseconds. */
const ACCEPTING = 2000

export class ServerWatch {
  readonly #pid: number
  readonly #residentBefore: number | undefined
  #residentAfter: number | undefined
  #residentBeforeIdle: number | undefined
  #residentPerIdle: number | undefined
  #threads: number | undefined
  #descriptors: number | undefined
  /** System calls per message. */
  systemCalls: number | null = null

  /** Create it before the first connection: it reads the server's memory at once. */
  constructor(pid: number) {
    this.#pid = pid
    this.#residentBefore = residentBytes(pid)
  }

  get cpuSeconds(): number | undefined {
    return cpuSeconds(this.#pid)
  }

  get waitedSeconds(): number | undefined {
    return waitedSeconds(this.#pid)
  }

  /** Call it when the connections that talk are open, and before the first idle one. */
  lookBeforeIdle(open: number): void {
    this.#waitForDescriptors(open)
    this.#residentBeforeIdle = residentBytes(this.#pid)
  }

  /** Call it when `idle` more connections are open, before any load. */
  lookAfterIdle(idle: number): void {
    this.#waitForDescriptors(idle)
    const resident = residentBytes(this.#pid)
    if (resident === undefined || this.#residentBeforeIdle === undefined || idle === 0) return
    this.#residentPerIdle = (resident - this.#residentBeforeIdle) / idle
  }

  /** The server may still accept: until then its memory says little. */
  #waitForDescriptors(count: number): void {
    const until = performance.now() + ACCEPTING
    while ((descriptorCount(this.#pid) ?? count) < count && performance.now() < until);
  }

  /** Call it at the end of the window, while all connections are open. */
  look(): void {
    this.#residentAfter = residentBytes(this.#pid)
    this.#threads = threadCount(this.#pid)
    this.#descriptors = descriptorCount(this.#pid)
  }

  usage(start: Reading, end: Reading, messages: number): ServerUsage {
    const known = start.serverCpu !== undefined && end.serverCpu !== undefined
    return {
      pid: this.#pid,
      ...usage(known ? end.serverCpu - start.serverCpu : null, messages),
      residentBefore: this.#residentBefore ?? null,
      residentAfter: this.#residentAfter ?? null,
      residentPerIdle: this.#residentPerIdle ?? null,
      threads: this.#threads ?? null,
      descriptors: this.#descriptors ?? null,
      systemCallsPerMessage: this.systemCalls,
    }
  }
}

/** @param cpu seconds; null if they can't be measured */
export function usage(cpu: number | null, messages: number): Usage {
  const cpuPerMessage = cpu === null || messages === 0 ? null : (cpu * 1e6) / messages
  return { cpuSeconds: cpu, cpuPerMessage }
}

/** Reads all clocks: this process's, the machine's, and the server's if it is known. */
export function readClocks(server: ServerWatch | undefined): Reading {
  const { user, system } = process.cpuUsage()
  return {
    time: performance.now(),
    clientCpu: (user + system) / 1e6,
    serverCpu: server?.cpuSeconds,
    clientWaited: waitedSeconds(process.pid),
    serverWaited: server?.waitedSeconds,
    machine: machineTime(),
  }
}

/** What else the machine did between two readings; null if it doesn't say. */
export function contention(start: Reading, end: Reading): Contention | null {
  const clientWaited = difference(start.clientWaited, end.clientWaited)
  const serverWaited = difference(start.serverWaited, end.serverWaited)
  if (clientWaited === null || serverWaited === null || !start.machine || !end.machine) return null
  const own = end.clientCpu - start.clientCpu + (difference(start.serverCpu, end.serverCpu) ?? 0)
  const busy = end.machine.busy - start.machine.busy
  return {
    clientWaited,
    serverWaited,
    // The two sides are measured by different clocks, of which one counts in ticks.
    othersUsed: Math.max(0, busy - own),
    stolen: end.machine.stolen - start.machine.stolen,
  }
}

function difference(start: number | undefined, end: number | undefined): number | null {
  return start === undefined || end === undefined ? null : end - start
}
