import { constants } from 'node:os'
import type { Operation, Proactor } from './proactor.ts'

/**
 * Ends a wait in time for the next deadline. Time is an operation like all others: one timeout is
 * in flight, and an earlier deadline replaces it.
 */
export class Alarm {
  readonly #proactor: Proactor
  #timeout: Operation | undefined
  #due = Number.POSITIVE_INFINITY

  constructor(proactor: Proactor) {
    this.#proactor = proactor
  }

  /**
   * Called in every pass of the loop: the clock is read only if a timeout is to be set.
   *
   * @param due when to ring at the latest, by `performance.now()`; Infinity for never
   */
  set(due: number): void {
    if (due >= this.#due) return
    if (this.#timeout !== undefined) this.#proactor.cancel(this.#timeout)
    this.#due = due
    const milliseconds = Math.max(0, due - performance.now())
    this.#timeout = this.#proactor.timeout(milliseconds, this.#rung)
  }

  readonly #rung = (result: number): void => {
    if (result !== -constants.errno.ETIME) return
    this.#timeout = undefined
    this.#due = Number.POSITIVE_INFINITY
  }
}
