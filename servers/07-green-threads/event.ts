/**
 * How does one part of a program tell waiting greenlets that something has happened? With an Event,
 * or with an AsyncResult if there is a result to pass on.
 */
import type { Green } from './hub.ts'
import { Linkable } from './linkable.ts'
import { type Patience, Timeout, within } from './timeout.ts'

/**
 * Something that has happened or not, for all greenlets that wait for it. Modelled on
 * gevent.event.Event.
 */
export class Event extends Linkable<Event> {
  #isSet = false
  #times = 0

  isSet(): boolean {
    return this.#isSet
  }

  /** The same, under the name that all things have that can be waited for. */
  ready(): boolean {
    return this.#isSet
  }

  /** Sets the event: all greenlets that wait now go on, in the order in which they came. */
  set(): void {
    if (this.#isSet) return
    this.#isSet = true
    this.#times++
    this.notify()
  }

  /** Clears the event. A greenlet that was waiting when it was set goes on all the same. */
  clear(): void {
    this.#isSet = false
  }

  /** Waits until the event is set, even if only for a moment. False if not within `timeout`. */
  *wait(timeout?: Patience): Green<boolean> {
    const times = this.#times
    return (yield* this.waitReady(timeout)) || this.#times > times
  }
}

type Outcome<Value> = { readonly value: Value } | { readonly exception: unknown }

/**
 * A value that will be there later, or an exception in its place, for all greenlets that wait for
 * it. Modelled on gevent.event.AsyncResult.
 *
 * Where it differs: it can't be linked to a greenlet, which has `get` and `wait` itself.
 */
export class AsyncResult<Value = void> extends Linkable<AsyncResult<Value>> {
  #outcome: Outcome<Value> | undefined

  /** Sets the value. If it is set again, later readers get the new one. */
  set(value: Value): void {
    this.#settle({ value })
  }

  /** Sets an exception in place of the value: every `get` throws it. */
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

  /** Undefined as long as there is no value. */
  get value(): Value | undefined {
    return this.#outcome && 'value' in this.#outcome ? this.#outcome.value : undefined
  }

  /** Undefined as long as there is no exception. */
  get exception(): unknown {
    return this.#outcome && 'exception' in this.#outcome ? this.#outcome.exception : undefined
  }

  /** Waits for the value and returns it. Throws the exception, or a Timeout if that passes. */
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

  /** The same, but undefined if an exception comes, or nothing within `timeout`. */
  *wait(timeout?: Patience): Green<Value | undefined> {
    yield* this.waitReady(timeout)
    return this.value
  }

  #settle(outcome: Outcome<Value>): void {
    this.#outcome = outcome
    this.notify()
  }
}
