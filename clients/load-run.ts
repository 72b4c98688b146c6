/**
 * A load run from its first connect to its last close:
 *
 *     opening    OPENING connections at a time, until all are open or have failed
 *     warm-up    every connection that is not idle sends, and nothing is counted
 *     window     the same, counted; clocks are read at its two ends
 *     draining   nothing new is sent; what is in flight is still received and checked
 *     probing    each idle connection sends one message, to show that it is alive
 *
 * The load is a closed loop: a connection sends its next message when a reply has come, never
 * before.
 */
import type { Engine } from './load-engine.ts'
import { Link } from './load-link.ts'
import type { LoadResult, LoadSettings, ServerUsage, Usage } from './load-result.ts'
import type { Tally } from './load-tally.ts'
import { cpuSeconds, residentBytes } from './process-stats.ts'
import { amount } from './terminal.ts'
import { Workload } from './workload.ts'

/**
 * Connections being opened at a time. More would overflow a small backlog, and whose SYN the server
 * drops tries again only a second later.
 */
const OPENING = 128
/** How often stalled connections are looked for and signals are heard, in milliseconds. */
const TICK = 100

export interface LoadRunOptions extends LoadSettings {
  /** The server's process, to measure it. */
  readonly pid?: number
}

/** What is read at either end of the window. */
interface Reading {
  readonly time: number
  readonly clientCpu: number
  readonly serverCpu: number | undefined
}

export class LoadRun {
  readonly #options: LoadRunOptions
  readonly #engine: Engine
  readonly #tally: Tally
  readonly #workload: Workload
  readonly #links: Link[] = []
  readonly #note: (line: string) => void

  /** @param note told of each finished step */
  constructor(
    options: LoadRunOptions,
    engine: Engine,
    tally: Tally,
    note: (line: string) => void = () => {},
  ) {
    this.#options = options
    this.#engine = engine
    this.#tally = tally
    this.#workload = new Workload(options)
    this.#note = note
  }

  /** Runs to the end. A run that failed has a result, too: see `hasFailed`. */
  async run(): Promise<LoadResult> {
    const { pid } = this.#options
    const residentBefore = pid === undefined ? undefined : residentBytes(pid)
    const connectSeconds = await this.#open()
    const { connected } = this.#tally
    const [start, end] = await this.#measure()
    const residentAfter = pid === undefined ? undefined : residentBytes(pid)
    const alive = await this.#finish()
    for (const link of this.#links) link.close()
    this.#engine.close()
    const server = this.#serverUsage(start, end, residentBefore, residentAfter)
    return { ...this.#windowResult(start, end), connected, connectSeconds, server, ...alive }
  }

  /** Opens all connections, and returns how many seconds it took. */
  async #open(): Promise<number> {
    const start = performance.now()
    const total = this.#options.connections + this.#options.idle
    while (this.#links.length < total && !this.#tally.over) {
      this.#connectNext()
      const full = OPENING - 1
      const isLast = this.#links.length === total
      await this.#until(
        Number.POSITIVE_INFINITY,
        () => this.#tally.connecting <= (isLast ? 0 : full),
      )
    }
    const elapsed = (performance.now() - start) / 1000
    const { connected, runOut } = this.#tally
    if (runOut) this.#note(`${runOut} while opening connection ${amount(this.#links.length)}`)
    else this.#note(`${amount(connected)} connections open after ${elapsed.toFixed(2)} s`)
    return elapsed
  }

  #connectNext(): void {
    const link = new Link(this.#links.length, this.#options, this.#workload, this.#tally)
    this.#links.push(link)
    this.#engine.connect(link)
  }

  /** Warm-up and window. */
  async #measure(): Promise<[start: Reading, end: Reading]> {
    const { connections, warmup, duration, depth } = this.#options
    const tally = this.#tally
    const nothingLeft = () => tally.busy === 0 && connections > 0
    tally.pumping = true
    for (const link of this.#links.slice(0, connections)) {
      if (link.state === 'open') link.begin(depth)
    }
    if (!nothingLeft()) await this.#until(performance.now() + warmup * 1000, nothingLeft)
    const start = this.#read()
    tally.measuring = true
    if (!nothingLeft()) await this.#until(start.time + duration * 1000, nothingLeft)
    tally.measuring = false
    const end = this.#read()
    tally.pumping = false
    const seconds = (end.time - start.time) / 1000
    const line = `${amount(tally.messages)} messages in a window of ${seconds.toFixed(2)} s`
    if (!tally.over && tally.connected > 0) this.#note(line)
    return [start, end]
  }

  /** Draining and probing. Returns what became of the idle connections. */
  async #finish(): Promise<Pick<LoadResult, 'idle'>> {
    const { connections, idle } = this.#options
    await this.#untilQuiet()
    const idleLinks = this.#links.slice(connections)
    for (const link of idleLinks) {
      if (link.state === 'open' && !this.#tally.over) link.begin(1)
    }
    await this.#untilQuiet()
    const alive = idleLinks.filter((link) => link.state === 'open' && link.replies === 1).length
    return { idle: { asked: idle, alive } }
  }

  async #untilQuiet(): Promise<void> {
    await this.#until(Number.POSITIVE_INFINITY, () => this.#tally.busy === 0)
  }

  /** Lets the engine run until a time or until `done`, and ends connections that have stalled. */
  async #until(time: number, done: () => boolean): Promise<void> {
    const isOver = () => this.#tally.over || done()
    for (;;) {
      const now = performance.now()
      if (isOver() || now >= time) return
      await this.#engine.run(Math.min(time, now + TICK), isOver)
      this.#endStalled()
    }
  }

  #endStalled(): void {
    const limit = performance.now() - this.#options.stall * 1000
    for (const link of this.#links) {
      if (link.heard > limit || link.state === 'closed') continue
      if (link.state === 'connecting') link.lost('connect timeout')
      else if (link.sent > link.replies) link.lost('stalled')
    }
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage()
    const { pid } = this.#options
    const serverCpu = pid === undefined ? undefined : cpuSeconds(pid)
    return { time: performance.now(), clientCpu: (user + system) / 1e6, serverCpu }
  }

  #windowResult(start: Reading, end: Reading) {
    const { pid: _, ...asked } = this.#options
    const { messages, sent, received, errors, mismatch } = this.#tally
    const seconds = (end.time - start.time) / 1000
    return {
      asked,
      carries: this.#workload.carries,
      seconds,
      messages,
      messagesPerSecond: seconds > 0 ? messages / seconds : 0,
      bytesSent: sent,
      bytesReceived: received,
      latency: this.#tally.latency.summary(),
      client: usage(end.clientCpu - start.clientCpu, messages),
      errors,
      mismatch,
    }
  }

  #serverUsage(start: Reading, end: Reading, before?: number, after?: number): ServerUsage | null {
    const { pid } = this.#options
    if (pid === undefined) return null
    const known = start.serverCpu !== undefined && end.serverCpu !== undefined
    const cpu = known ? end.serverCpu - start.serverCpu : null
    const memory = { residentBefore: before ?? null, residentAfter: after ?? null }
    return { pid, ...usage(cpu, this.#tally.messages), ...memory }
  }
}

function usage(cpu: number | null, messages: number): Usage {
  const cpuPerMessage = cpu === null || messages === 0 ? null : (cpu * 1e6) / messages
  return { cpuSeconds: cpu, cpuPerMessage }
}
