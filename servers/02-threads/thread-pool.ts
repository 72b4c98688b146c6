import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { built } from '../boot/build.mjs'
import type { Accepted, Posix } from '../posix/api.ts'
import { ACCEPT_REST } from '../posix/listen.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { Desk } from './desk.ts'
import type { ThreadData } from './thread-data.ts'

/** The longest pause after a start that failed, in milliseconds, as in gevent after an accept. */
const LONGEST_REST = 1000

/**
 * The connection threads. There are none at first; one is started when a client comes and all are
 * busy, and it is kept when the client has left: to start a thread costs some ten thousand times as
 * much as to hand a client over.
 */
export class ThreadPool {
  readonly #program = built('servers/02-threads/thread.ts')
  readonly #options: ServeOptions
  readonly #supervisor: Supervisor
  readonly #posix: Posix
  readonly #desk: Desk
  readonly #places: number
  readonly #threads = new Set<Worker>()
  /** After a start that failed, none is tried for a while: milliseconds, twice as long each time. */
  #rest = ACCEPT_REST
  #restUntil = 0

  constructor(options: ServeOptions, supervisor: Supervisor, posix: Posix) {
    this.#options = options
    this.#supervisor = supervisor
    this.#posix = posix
    this.#places = Math.min(options.threads, options.maxConnections)
    this.#desk = Desk.create(this.#places)
  }

  /** Blocks until one more client can be served. */
  takePlace(): void {
    this.#desk.takePlace()
  }

  // #region serve
  /** Hands the client to a thread. Resolves before the thread has served it. */
  async serve({ fd }: Accepted): Promise<void> {
    if (!this.#desk.hasIdleThread) await this.#grow()
    this.#desk.hand(fd)
  }
  // #endregion serve

  /** Blocks until the last client has left; then ends the threads. */
  async end(): Promise<void> {
    // With every place taken here, no client can have one. The acceptor has taken one already, for
    // the client that it waited for when the listener was shut down.
    for (let taken = 1; taken < this.#places; taken++) this.#desk.takePlace()
    const ended = [...this.#threads].map((thread) => once(thread, 'exit'))
    for (const _ of this.#threads) this.#desk.handEnd()
    await Promise.all(ended)
  }

  /**
   * Starts a thread. If that fails (a thread needs descriptors and memory too), the client waits
   * for a thread that serves others, and no start is tried for a while. Without any other thread,
   * the start is tried again.
   */
  async #grow(): Promise<void> {
    if (performance.now() < this.#restUntil) return
    while (!(await this.#start())) {
      const rest = this.#rest
      this.#rest = Math.min(2 * rest, LONGEST_REST)
      this.#restUntil = performance.now() + rest
      if (this.#threads.size > 0) return
      await new Promise((resolve) => setTimeout(resolve, rest))
    }
    this.#rest = ACCEPT_REST
  }

  async #start(): Promise<boolean> {
    const kernel = this.#posix.forThread()
    const { options, report } = { options: this.#options, report: this.#supervisor.share() }
    const workerData: ThreadData = { options, report, desk: this.#desk.words, kernel }
    const thread = new Worker(this.#program, {
      workerData,
      transferList: kernel ? [kernel.port] : [],
      execArgv: [],
    })
    if (!(await hasStarted(thread))) return false
    this.#threads.add(thread)
    this.#desk.addThread()
    return true
  }
}

/** False if the thread fails, with an error or without: then it only exits. */
async function hasStarted(thread: Worker): Promise<boolean> {
  const abort = new AbortController()
  const exit = once(thread, 'exit', { signal: abort.signal })
  try {
    return await Promise.race([once(thread, 'message').then(() => true), exit.then(() => false)])
  } catch {
    return false
  } finally {
    abort.abort()
  }
}
