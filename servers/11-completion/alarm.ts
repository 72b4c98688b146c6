import { constants } from 'node:os'
import type { Operation, Proactor } from './proactor.ts'

/** Milliseconds. An alarm may be late by this time: it is not set anew for less. */
const GRAIN = 1

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

  /** @param milliseconds from now at the latest; Infinity needs none */
  set(milliseconds: number): void {
    const due = performance.now() + milliseconds
    if (due >= this.#due - GRAIN) return
    if (this.#timeout !== undefined) this.#proactor.cancel(this.#timeout)
    this.#due = due
    this.#timeout = this.#proactor.timeout(milliseconds, this.#rung)
  }

  readonly #rung = (result: number): void => {
    if (result !== -constants.errno.ETIME) return
    this.#timeout = undefined
    this.#due = Number.POSITIVE_INFINITY
  }
}
