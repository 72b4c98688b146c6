import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { built, NODE_FLAGS } from '../boot/build.mjs'
import type { Posix } from '../posix/api.ts'
import { ACCEPT_REST } from '../posix/listen.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { Desk } from './desk.ts'
import type { ThreadData } from './thread.ts'

/**
 * The connection threads. There are none at first; one is started when a client comes and all are
 * busy, and is kept when the client has gone: a start costs some ten thousand times as much as a
 * hand-over.
 */
export class ThreadPool {
  readonly #program = built('servers/02-threads/thread.ts')
  readonly #options: ServeOptions
  readonly #supervisor: Supervisor
  readonly #posix: Posix
  readonly #desk: Desk
  readonly #places: number
  readonly #threads = new Set<Worker>()

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
  /** Has a thread serve the client. Resolves when it is handed over, not when it is served. */
  async serve(fd: number): Promise<void> {
    if (!this.#desk.hasIdleThread) await this.#grow()
    this.#desk.hand(fd)
  }
  // #endregion serve

  /** Blocks until the last client has gone; then ends the threads. */
  async end(): Promise<void> {
    // Who has every place knows that nobody else has one. One was taken for who never came.
    for (let taken = 1; taken < this.#places; taken++) this.#desk.takePlace()
    const ended = [...this.#threads].map((thread) => once(thread, 'exit'))
    for (const _ of this.#threads) this.#desk.handEnd()
    await Promise.all(ended)
  }

  /**
   * Starts a thread. If the system has none (a thread needs descriptors and memory as well), the
   * client waits for one that serves others; only the very first is waited for until it starts.
   */
  async #grow(): Promise<void> {
    while (!(await this.#start()) && this.#threads.size === 0) {
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_REST))
    }
  }

  async #start(): Promise<boolean> {
    const kernel = this.#posix.forThread()
    const { options, report } = { options: this.#options, report: this.#supervisor.share() }
    const workerData: ThreadData = { options, report, desk: this.#desk.words, kernel }
    const thread = new Worker(this.#program, {
      workerData,
      transferList: kernel ? [kernel.port] : [],
      execArgv: NODE_FLAGS,
    })
    try {
      await once(thread, 'message')
    } catch {
      return false
    }
    this.#threads.add(thread)
    this.#desk.addThread()
    return true
  }
}
