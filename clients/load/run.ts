/**
 * A load run, from the first connect to the last close:
 *
 *     opening    all connections are made
 *     greeting   all who talk exchange one message, so that the server has begun with each of them
 *     warm-up    load that is not counted
 *     window     the same, counted; clocks are read at its two ends
 *     counting   the same, and the server's system calls are counted, if that was asked for
 *     draining   nothing new is sent; what is in flight is still received and checked
 *     probing    each idle connection sends one message, to show that it is alive
 */

import { SystemCallCounter } from '../system-calls.ts'
import { amount } from '../terminal.ts'
import { Crowd } from './crowd.ts'
import type { Engine } from './engine.ts'
import type { LoadResult, LoadSettings } from './result.ts'
import { type Reading, ServerWatch, usage } from './server.ts'
import type { Tally } from './tally.ts'

/**
 * Connections being opened at a time. More would overflow a small backlog, and whose SYN the server
 * drops tries again only a second later.
 */
const OPENING = 128
/** How often stalled connections are looked for and signals are heard, in milliseconds. */
const TICK = 100
/** How long system calls are counted, in milliseconds; and how often perf is listened to then. */
const COUNTING = 300
const LISTENING = 1

export interface LoadRunOptions extends LoadSettings {
  /** The server's process, to measure it. */
  readonly pid?: number
  readonly countSystemCalls?: boolean
}

export class LoadRun {
  readonly #options: LoadRunOptions
  readonly #engine: Engine
  readonly #tally: Tally
  readonly #crowd: Crowd
  readonly #server: ServerWatch | undefined
  readonly #note: (line: string) => void
  /** When stalled connections were looked for. */
  #looked = performance.now()

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
    this.#crowd = new Crowd(options, tally, (link) => engine.connect(link))
    this.#server = options.pid === undefined ? undefined : new ServerWatch(options.pid)
    this.#note = note
  }

  /** Runs to the end. A run that failed has a result, too: see `hasFailed`. */
  async run(): Promise<LoadResult> {
    const connectSeconds = await this.#open()
    const { connected } = this.#tally
    // Where each message has a connection of its own, nobody is greeted twice.
    if (!this.#options.churn) await this.#greet()
    const [start, end] = await this.#measure()
    if (this.#options.countSystemCalls) await this.#countSystemCalls()
    this.#tally.pumping = false
    const alive = await this.#finish()
    this.#crowd.close()
    this.#engine.close()
    return { ...this.#windowResult(start, end), connected, connectSeconds, ...alive }
  }

  /** Opens all connections, and returns how many seconds it took. */
  async #open(): Promise<number> {
    const start = performance.now()
    const tally = this.#tally
    for (const party of this.#crowd.gather()) {
      this.#engine.connect(party)
      await this.#until(Number.POSITIVE_INFINITY, () => tally.connecting < OPENING)
      if (tally.over) break
    }
    await this.#until(Number.POSITIVE_INFINITY, () => tally.connecting === 0)
    const elapsed = (performance.now() - start) / 1000
    if (tally.runOut) {
      this.#note(`${tally.runOut} while opening connection ${amount(this.#crowd.size)}`)
    } else this.#note(`${amount(tally.connected)} connections open after ${elapsed.toFixed(2)} s`)
    return elapsed
  }

  /** A server may start a thread for each of them: while others load it, that takes for ever. */
  async #greet(): Promise<void> {
    for (const link of this.#crowd.talkers) {
      if (link.state === 'open') link.begin(1, performance.now())
    }
    await this.#untilQuiet()
  }

  /** Warm-up and window. */
  async #measure(): Promise<[start: Reading, end: Reading]> {
    const { connections, warmup, duration } = this.#options
    const tally = this.#tally
    const nothingLeft = () => tally.talking === 0 && connections > 0
    tally.pumping = true
    this.#crowd.start()
    if (!nothingLeft()) await this.#until(performance.now() + warmup * 1000, nothingLeft)
    const start = this.#read()
    tally.measuring = true
    if (!nothingLeft()) await this.#until(start.time + duration * 1000, nothingLeft)
    tally.measuring = false
    const end = this.#read()
    this.#server?.look()
    const seconds = (end.time - start.time) / 1000
    const line = `${amount(tally.messages)} messages in a window of ${seconds.toFixed(2)} s`
    if (!tally.over && tally.connected > 0) this.#note(line)
    return [start, end]
  }

  /** In a time of its own: to be counted makes every call a little slower. */
  async #countSystemCalls(): Promise<void> {
    const { pid } = this.#options
    if (!this.#server || pid === undefined || this.#tally.over) return
    const counter = await this.#meanwhile(SystemCallCounter.start(pid))
    const before = this.#tally.replies
    await this.#until(performance.now() + COUNTING, () => false)
    const messages = this.#tally.replies - before
    await this.#meanwhile(counter.stop())
    const calls = await this.#meanwhile(counter.count())
    if (calls !== null && messages > 0) this.#server.systemCalls = calls / messages
  }

  /** Awaits something else while the load goes on. */
  async #meanwhile<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false
    const settle = () => {
      isSettled = true
    }
    promise.then(settle, settle)
    while (!isSettled && !this.#tally.over) {
      await this.#until(performance.now() + LISTENING, () => isSettled)
    }
    return promise
  }

  /** Draining and probing. Returns what became of the idle connections. */
  async #finish(): Promise<Pick<LoadResult, 'idle'>> {
    await this.#untilQuiet()
    const { silent } = this.#crowd
    for (const link of silent) {
      if (link.state === 'open' && !this.#tally.over) link.begin(1, performance.now())
    }
    await this.#untilQuiet()
    const alive = silent.filter((link) => link.state === 'open' && link.replies === 1).length
    return { idle: { asked: this.#options.idle, alive } }
  }

  async #untilQuiet(): Promise<void> {
    await this.#until(Number.POSITIVE_INFINITY, () => this.#tally.busy === 0)
  }

  /** Lets the engine run until a time or until `done`, sends what is due, ends what has stalled. */
  async #until(time: number, done: () => boolean): Promise<void> {
    const isOver = () => this.#tally.over || done()
    for (;;) {
      const now = performance.now()
      if (isOver() || now >= time) return
      const next = this.#tally.pumping ? this.#crowd.send(now) : Number.POSITIVE_INFINITY
      await this.#engine.run(Math.min(time, now + TICK, next), isOver)
      if (now < this.#looked + TICK) continue
      this.#looked = now
      this.#crowd.endStalled(performance.now(), this.#options.stall * 1000)
    }
  }

  #read(): Reading {
    const { user, system } = process.cpuUsage()
    const time = performance.now()
    return { time, clientCpu: (user + system) / 1e6, serverCpu: this.#server?.cpuSeconds }
  }

  #windowResult(start: Reading, end: Reading) {
    const { pid: _, countSystemCalls: __, ...asked } = this.#options
    const { messages, sent, received, latency, sinceSent, errors, mismatch } = this.#tally
    const seconds = (end.time - start.time) / 1000
    return {
      asked,
      carries: this.#crowd.carries,
      seconds,
      messages,
      messagesPerSecond: seconds > 0 ? messages / seconds : 0,
      bytesSent: sent,
      bytesReceived: received,
      latency: latency.summary(),
      sinceSent: sinceSent?.summary() ?? null,
      fairness: this.#crowd.fairness(),
      client: usage(end.clientCpu - start.clientCpu, messages),
      server: this.#server?.usage(start, end, messages) ?? null,
      errors,
      mismatch,
    }
  }
}
