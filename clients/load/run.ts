/**
 * A load run, from the first connect to the last close:
 *
 *     opening    all connections are made
 *     greeting   each talker exchanges one message: now the server has started to serve all of them
 *     warm-up    load that is not counted; in an open loop at least so much that the code is warm
 *     window     the same load, counted; the clocks are read at both ends
 *     counting   the same load, while the server's system calls are counted (if asked for)
 *     draining   no new messages; the replies to those in flight are still received and checked
 *     probing    each idle connection sends one message, to show that it is alive
 */

import { SystemCallCounter } from '../system-calls.ts'
import { amount } from '../terminal.ts'
import { Crowd } from './crowd.ts'
import type { Engine, Party } from './engine.ts'
import { achieved, type LoadResult, type LoadSettings, warnings } from './result.ts'
import { contention, type Reading, readClocks, ServerWatch, usage } from './server.ts'
import type { Tally } from './tally.ts'

/**
 * Connects under way at a time. More would overflow a small backlog: the server then drops the SYN,
 * and the kernel sends it again only after a second.
 */
const OPENING = 128
/** Milliseconds between two searches for stalled connections; signals are delivered as often. */
const TICK = 100
/**
 * Replies of an open loop that must have come before the window: V8 then has compiled the code that
 * each message runs through. Until it has, messages are several milliseconds late.
 */
const WARM = 1000
/** A low rate takes long to get there: the warm-up becomes longer by this at most, in milliseconds. */
const PATIENCE = 2000
/** How long system calls are counted, and how often perf's answers are read then: milliseconds. */
const COUNTING = 300
const LISTENING = 1

export interface LoadRunOptions extends LoadSettings {
  /** The server's process, if it is to be measured. */
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
  /** When the last search for stalled connections was. */
  #looked = performance.now()

  /** @param note called after each step, with a line that tells its result */
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

  /** Resolves at the end of the run. A failed run has a result, too: see `hasFailed`. */
  async run(): Promise<LoadResult> {
    const connectSeconds = await this.#open()
    const { connected } = this.#tally
    // With `churn`, a message needs a connection of its own: the greeting would use it up.
    if (!this.#options.churn) await this.#greet()
    const [start, end] = await this.#measure()
    if (this.#options.countSystemCalls) await this.#countSystemCalls()
    this.#tally.pumping = false
    const alive = await this.#finish()
    this.#crowd.close()
    this.#engine.close()
    const figures = { ...this.#windowResult(start, end), connected, connectSeconds, ...alive }
    return { ...figures, achieved: achieved(figures), warnings: warnings(figures) }
  }

  /** Opens all connections; returns the seconds that this took. */
  async #open(): Promise<number> {
    const start = performance.now()
    const tally = this.#tally
    await this.#connect(this.#crowd.gatherTalkers())
    if (this.#options.idle > 0) this.#server?.lookBeforeIdle(this.#crowd.talkers.length)
    if (!tally.over) await this.#connect(this.#crowd.gatherOthers())
    if (this.#options.idle > 0) this.#server?.lookAfterIdle(this.#crowd.silent.length)
    const elapsed = (performance.now() - start) / 1000
    if (tally.runOut) {
      this.#note(`${tally.runOut} while opening connection ${amount(this.#crowd.size)}`)
    } else this.#note(`${amount(tally.connected)} connections open after ${elapsed.toFixed(2)} s`)
    return elapsed
  }

  async #connect(parties: Iterable<Party>): Promise<void> {
    const tally = this.#tally
    for (const party of parties) {
      this.#engine.connect(party)
      await this.#until(Number.POSITIVE_INFINITY, () => tally.connecting < OPENING)
      if (tally.over) return
    }
    await this.#until(Number.POSITIVE_INFINITY, () => tally.connecting === 0)
  }

  /** A server may start a thread per connection, which takes very long once it is under load. */
  async #greet(): Promise<void> {
    for (const link of this.#crowd.talkers) {
      if (link.state === 'open') link.begin(1, performance.now())
    }
    await this.#untilQuiet()
  }

  async #measure(): Promise<[start: Reading, end: Reading]> {
    const { connections, duration } = this.#options
    const tally = this.#tally
    const nothingLeft = () => tally.talking === 0 && connections > 0
    tally.pumping = true
    this.#crowd.start()
    if (!nothingLeft()) await this.#warmUp(nothingLeft)
    const start = this.#readClocks()
    tally.measuring = true
    if (!nothingLeft()) await this.#until(start.time + duration * 1000, nothingLeft)
    tally.measuring = false
    const end = readClocks(this.#server)
    this.#server?.look()
    const seconds = (end.time - start.time) / 1000
    const line = `${amount(tally.messages)} messages in a window of ${seconds.toFixed(2)} s`
    if (!tally.over && tally.connected > 0) this.#note(line)
    return [start, end]
  }

  /** @param nothingLeft whether all connections are lost */
  async #warmUp(nothingLeft: () => boolean): Promise<void> {
    const { connections, warmup, rate } = this.#options
    const end = performance.now() + warmup * 1000
    await this.#until(end, nothingLeft)
    if (rate === 0 || warmup === 0 || connections === 0) return
    await this.#until(end + PATIENCE, () => nothingLeft() || this.#tally.replies >= WARM)
  }

  /** Before the window. To read them takes milliseconds, in which no message can be sent. */
  #readClocks(): Reading {
    const before = performance.now()
    const reading = readClocks(this.#server)
    const time = performance.now()
    this.#crowd.paused(time - before)
    return { ...reading, time }
  }

  /** After the window, since counting makes every system call a little slower. */
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

  /** Awaits `promise` while the load goes on. */
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

  /** Draining and probing. Returns how many idle connections are alive. */
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

  /** Runs the engine until `time` or `done`; sends messages when due, ends stalled connections. */
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

  #windowResult(start: Reading, end: Reading) {
    const { pid: _, countSystemCalls: __, ...asked } = this.#options
    const { messages, sent, received, latency, sinceSent, lateness, errors, mismatch } = this.#tally
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
      lateness: lateness?.summary() ?? null,
      fairness: this.#crowd.fairness(),
      client: usage(end.clientCpu - start.clientCpu, messages),
      server: this.#server?.usage(start, end, messages) ?? null,
      machine: this.#server ? contention(start, end) : null,
      errors,
      mismatch,
    }
  }
}
