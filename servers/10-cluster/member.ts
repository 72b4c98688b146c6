import type { Worker } from 'node:cluster'
import type { Supervisor } from '../server.ts'
import type { Places } from '../support/places.ts'
import { CELL } from '../support/report.ts'
import type { ToPrimary, ToWorker } from './messages.ts'

/** One worker, and the places that its clients have. When it dies, they are free again. */
export class Member {
  readonly bornAt = performance.now()
  isListening = false
  /** It has been told to accept nobody else, and doesn't. */
  isShut = false
  readonly #worker: Worker
  readonly #places: Places
  readonly #cells: Int32Array
  /** For each client that waits, what is called when its turn has come. */
  readonly #waiting = new Set<() => void>()
  #held = 0
  /** The connection that was handed to it last. */
  #handedOver: { close(): void } | undefined

  /** @param supervisor its places are given out, and the connections are counted in its cells */
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
    // A worker that has just died is heard of in a moment: what can't be sent is not missed.
    if (this.#worker.isConnected()) this.#worker.send(message, () => {})
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL')
  }

  hear({ type }: ToPrimary): void {
    if (type === 'take') this.#take()
    else if (type === 'withdraw') this.#withdraw()
    else if (type === 'give back') this.#giveBack()
    else if (type === 'listening') this.isListening = true
    else if (type === 'shut') this.isShut = true
  }

  /** It is dead, and its clients are gone. */
  leave(): void {
    this.#handedOver?.close()
    while (this.#waiting.size > 0) this.#withdraw()
    while (this.#held > 0) this.#giveBack()
  }

  // #region handOver
  /**
   * The primary closes its end of a connection when the worker has confirmed it. If the worker dies
   * in between, node:cluster forgets it, open, and its client would wait for ever: issue 7006 of
   * nodejs/node-v0.x-archive. So the last one is remembered here; to close it twice is no error.
   */
  #watchHandOver(): void {
    const { process } = this.#worker
    const send = process.send.bind(process) as (...args: unknown[]) => boolean
    process.send = (message: unknown, handle?: unknown, ...more: unknown[]) => {
      // node:cluster's own name for it; the other handle that it may send is a listener's.
      const isConnection = (message as { act?: string }).act === 'newconn'
      if (isConnection && handle) this.#handedOver = handle as { close(): void }
      return send(message, handle, ...more)
    }
  }
  // #endregion handOver

  #take(): void {
    const turn = () => {
      this.#waiting.delete(turn)
      this.#hold(1)
      this.tell({ type: 'place' })
    }
    this.#waiting.add(turn)
    this.#places.take(turn)
  }

  /** Who waits is as good as any other. None: the place is on its way, and will be given back. */
  #withdraw(): void {
    const [turn] = this.#waiting
    if (!turn) return
    this.#waiting.delete(turn)
    this.#places.withdraw(turn)
  }

  #giveBack(): void {
    this.#hold(-1)
    this.#places.giveBack()
  }

  #hold(change: 1 | -1): void {
    this.#held += change
    Atomics.add(this.#cells, CELL.open, change)
  }
}
