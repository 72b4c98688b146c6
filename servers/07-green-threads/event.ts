import type { Green } from './hub.ts'
import { Linkable } from './linkable.ts'
import { type Patience, Timeout, within } from './timeout.ts'

/**
 * Something that has happened or not, for all who wait for it. After gevent.event.Event.
 */
export class Event extends Linkable<Event> {
  #isSet = false
  #times = 0

  isSet(): boolean {
    return this.#isSet
  }

  /** The same, under the name that all have who can be waited for. */
  ready(): boolean {
    return this.#isSet
  }

  /** It has happened: all who wait by now go on, in the order in which they came. */
  set(): void {
    if (this.#isSet) return
    this.#isSet = true
    this.#times++
    this.notify()
  }

  /** It may happen again. Who was waiting when it was set goes on all the same. */
  clear(): void {
    this.#isSet = false
  }

  /** Waits until it is set: true if it was at any moment of the wait, false if not in `timeout`. */
  *wait(timeout?: Patience): Green<boolean> {
    const times = this.#times
    return (yield* this.waitReady(timeout)) || this.#times > times
  }
}

type Outcome<Value> = { readonly value: Value } | { readonly exception: unknown }

/**
 * A value that will be there later, or an exception in its place: for all who wait for it. After
 * gevent.event.AsyncResult.
 *
 * Where it differs: it can't be linked to a greenlet, which has `get` and `wait` itself.
 */
export class AsyncResult<Value = void> extends Linkable<AsyncResult<Value>> {
  #outcome: Outcome<Value> | undefined

  /** Here is the value. It may be set again: then later readers get the new one. */
  set(value: Value): void {
    this.#settle({ value })
  }

  /** There will be no value: every `get` throws `exception`. */
  setException(exception: unknown): void {
    this.#settle({ exception })
  }

  /** True once there is a value or an exception. */
  ready(): boolean {
    return this.#outcome !== undefined
  }

  /** True once there is a value. */
  successful(): boolean {
    return this.#outcome !== undefined && 'value' in this.#outcome
  }

  /** Undefined as long as there is none. */
  get value(): Value | undefined {
    return this.#outcome && 'value' in this.#outcome ? this.#outcome.value : undefined
  }

  /** Undefined as long as there is none. */
  get exception(): unknown {
    return this.#outcome && 'exception' in this.#outcome ? this.#outcome.exception : undefined
  }

  /** Waits for it. Returns the value or throws the exception; a Timeout if that passes. */
  *get(timeout?: Patience): Green<Value> {
    yield* within(timeout, () => this.waitReady())
    return this.getNowait()
  }

  /** The same without a wait: throws a Timeout if there is nothing yet. */
  getNowait(): Value {
    if (!this.#outcome) throw new Timeout(0)
    if ('exception' in this.#outcome) throw this.#outcome.exception
    return this.#outcome.value
  }

  /** The same, but undefined if there is an exception in its place, or nothing in `timeout`. */
  *wait(timeout?: Patience): Green<Value | undefined> {
    yield* this.waitReady(timeout)
    return this.value
  }

  #settle(outcome: Outcome<Value>): void {
    this.#outcome = outcome
    this.notify()
  }
}
