/** Measures the server under load from outside, by its process id. */

import { cpuSeconds, descriptorCount, residentBytes, threadCount } from '../process-stats.ts'
import type { ServerUsage, Usage } from './result.ts'

/** The clocks, read at each end of the window. */
export interface Reading {
  /** Milliseconds, of `performance.now()`. */
  readonly time: number
  /** Seconds of CPU time since the process started. */
  readonly clientCpu: number
  /** The same of the server; undefined if it can't be measured. */
  readonly serverCpu: number | undefined
}

export class ServerWatch {
  readonly #pid: number
  readonly #residentBefore: number | undefined
  #residentAfter: number | undefined
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
