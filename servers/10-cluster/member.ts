import type { Worker } from 'node:cluster'
import type { Supervisor } from '../server.ts'
import type { Places } from '../support/places.ts'
import { CELL } from '../support/report.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

/** One worker, and the places that its clients have. When it dies, the places are free again. */
export class Member {
  readonly bornAt = performance.now()
  isListening = false
  /** It has been told to accept no more clients, and has said that it does not. */
  isShut = false
  readonly #worker: Worker
  readonly #places: Places
  readonly #cells: Int32Array
  /** For each client that waits, the function that is called when its turn has come. */
  readonly #waiting = new Set<() => void>()
  #held = 0
  /** It has been told to shut: a connection that comes after that is refused. */
  #isRefusing = false
  /** The connection that was handed to it last. */
  #handedOver: { close(): void } | undefined

  /** @param supervisor has the places, and the cells that count the connections */
  constructor(worker: Worker, supervisor: Supervisor) {
    this.#worker = worker
    this.#places = supervisor.places
    this.#cells = supervisor.share().cells
    this.#watchHandOver()
  }

  get pid(): number | undefined {
    return this.#worker.process.pid
  }

  tell(message: ToWorker): void {
    // The worker may have just died, and `exit` is about to say so: then the message is not missed.
    if (this.#worker.isConnected()) this.#worker.send(message, () => {})
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  /** Tells it to accept no more clients. */
  shut(): void {
    this.#isRefusing = true
    this.tell({ type: 'shut' })
  }

  hear(message: ToPrimary): void {
    const { type } = message
    if (type === 'give back') this.#giveBack(message.count)
    else if (type === 'withdraw') this.#withdraw()
    else if (type === 'listening') this.isListening = true
    else if (type === 'shut') this.isShut = true
  }

  /** It is dead, and its connections are lost. */
  leave(): void {
    this.#handedOver?.close()
    while (this.#waiting.size > 0) this.#withdraw()
    this.#giveBack(this.#held)
  }

  // #region handOver
  /**
   * The primary closes its end of a connection when the worker has confirmed it. If the worker dies
   * before that, node:cluster forgets the connection without closing it, and its client would wait
   * for ever: issue 7006 of nodejs/node-v0.x-archive. So the last connection is remembered here; to
   * close it twice is no error.
   */
  #watchHandOver(): void {
    const { process } = this.#worker
    const send = process.send.bind(process) as (...args: unknown[]) => boolean
    process.send = (message: unknown, handle?: unknown, ...more: unknown[]) => {
      // node:cluster's own name for a connection; it also sends the handles of listeners.
      const isConnection = (message as { act?: string }).act === 'newconn'
      if (isConnection && handle) {
        this.#handedOver = handle as { close(): void }
        if (!this.#isRefusing) this.#takePlace()
      }
      return send(message, handle, ...more)
    }
  }
  // #endregion handOver

  // #region takePlace
  /**
   * A connection brings its place with it. Only if there is none, the worker is told: before the
   * connection, since the channel keeps the order.
   */
  #takePlace(): void {
    let isLate = false
    const turn = () => {
      this.#waiting.delete(turn)
      this.#hold(1)
      if (isLate) this.tell({ type: 'place' })
    }
    this.#waiting.add(turn)
    this.#places.take(turn)
    isLate = this.#waiting.has(turn)
    if (isLate) this.tell({ type: 'wait' })
  }
  // #endregion takePlace

  /** Any of the waiting clients will do. If none waits, the place is on its way to the worker,
   *  which gives it back. */
  #withdraw(): void {
    const [turn] = this.#waiting
    if (!turn) return
    this.#waiting.delete(turn)
    this.#places.withdraw(turn)
  }

  #giveBack(count: number): void {
    this.#hold(-count)
    for (let given = 0; given < count; given++) this.#places.giveBack()
  }

  #hold(change: number): void {
    this.#held += change
    Atomics.add(this.#cells, CELL.open, change)
  }
}
