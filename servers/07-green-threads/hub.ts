/**
 * How does a green thread give the real thread away, and how does it go on? Through the hub, the
 * one place where green threads wait.
 *
 * A green thread (a greenlet) is a generator. It runs until its next `yield`; then the hub runs,
 * which is Node's event loop. When a callback is due, a timer ends, or bytes come on a socket, the
 * loop calls the greenlet's `switch`, and the greenlet goes on where it stopped. Only one greenlet
 * runs at a time, and nothing interrupts it between two waits.
 *
 * What JavaScript can't do: switch from the depth of a call. gevent swaps C stacks, so that any
 * function may wait, and the code of its callers doesn't show it. A generator gives up its own
 * frame only. So every function that may wait is a generator, and every call of one says `yield*`.
 * The price is to write it. The gain is that the source shows each place where other greenlets may
 * run.
 *
 * Where it differs: in gevent the main program is a greenlet too, and its first wait starts the
 * hub. Here the program gives its first function to `run` (greenlet.ts).
 */

import { checkSeconds } from './numbers.ts'

/** What a function that may wait returns. Call the function with `yield*` to get its result. */
export type Green<Result> = Generator<undefined, Result, unknown>

/** A wait that is over before it begins: what a call returns that need not wait this time. */
export const DONE: Green<void> = (function* () {})()
DONE.next()

/** The same with a result. */
export function* doneWith<Result>(result: Result): Green<Result> {
  yield* DONE
  return result
}

/** Something that is going to happen, unless it is cancelled first. */
export interface Pending {
  cancel(): void
}

/** What the hub resumes when a wait is over: a greenlet, as far as the hub has to know it. */
export interface Resumable {
  /** Goes on until the next wait; the current wait ends with `value`. */
  switch(value?: unknown): void
  /** The same, but the current wait throws `error`. */
  throw(error: unknown): void
}

/** The longest time that Node's timers can wait, in milliseconds: 24 days. */
const LONGEST = 2 ** 31 - 1

class Hub {
  /** The greenlet that runs; undefined while the hub itself runs. */
  current: Resumable | undefined
  #due: Callback[] = []
  readonly #idle: Callback[] = []

  /** The greenlet that runs and is about to wait. Throws if the hub runs, since it can't wait. */
  requireCurrent(): Resumable {
    if (!this.current) throw new Error('only a greenlet can wait, and this is the hub')
    return this.current
  }

  // #region callbacks
  /**
   * Calls `callback` soon, from the hub, after all callbacks that were asked for before. Callbacks
   * that are asked for during a turn wait for the next turn of the event loop. So greenlets that
   * wake each other for ever still leave the sockets their turn.
   */
  runCallback(callback: () => void): Pending {
    const entry = new Callback(callback)
    if (this.#due.length === 0) setImmediate(() => this.#turn())
    this.#due.push(entry)
    return entry
  }

  #turn(): void {
    const due = this.#due
    this.#due = []
    for (const entry of due) this.#attempt(entry)
    const idle = this.#due.length === 0 ? this.#idle.shift() : undefined
    if (idle) this.runCallback(() => idle.call())
  }
  // #endregion callbacks

  /** Calls `callback` from the hub once no other callback is due. */
  whenIdle(callback: () => void): Pending {
    const entry = new Callback(callback)
    this.#idle.push(entry)
    // Perhaps no callback is due already: a turn finds that out.
    this.runCallback(() => {})
    return entry
  }

  /** Calls `callback` from the hub after this time, in seconds; after Infinity never. */
  after(seconds: number, callback: () => void): Pending {
    checkSeconds(seconds)
    let timer: NodeJS.Timeout
    const wait = (left: number) => {
      const isLast = left <= LONGEST
      const next = isLast ? () => this.#attempt({ call: callback }) : () => wait(left - LONGEST)
      timer = setTimeout(next, isLast ? left : LONGEST)
    }
    wait(Math.max(0, seconds * 1000))
    return { cancel: () => clearTimeout(timer) }
  }

  /**
   * Called with an exception that nothing has caught. The exception ends its greenlet and no other,
   * and is shown on stderr, as in gevent. Assign another function to be told instead.
   */
  handleError = (context: unknown, error: unknown): void => {
    console.error(error)
    console.error(`${context} failed`)
  }

  /** Calls `handleError`. What the program's own throws is shown, and holds up nothing else. */
  report(context: unknown, error: unknown): void {
    try {
      this.handleError(context, error)
    } catch (failure) {
      console.error(failure)
    }
  }

  #attempt(entry: { call(): void }): void {
    try {
      entry.call()
    } catch (error) {
      this.report('a callback of the hub', error)
    }
  }
}

class Callback implements Pending {
  #callback: (() => void) | undefined

  constructor(callback: () => void) {
    this.#callback = callback
  }

  call(): void {
    const callback = this.#callback
    this.#callback = undefined
    callback?.()
  }

  cancel(): void {
    this.#callback = undefined
  }
}

/** The only hub, since there is one event loop. In gevent: one for each operating-system thread. */
export const hub = new Hub()

// #region waiter
/**
 * One wait of one greenlet. Code that has the waiter can end the wait, with a value or an error.
 *
 * A wait may also end by a timeout or a kill. Then the waiter has no greenlet any more, and a
 * `switch` that comes too late resumes nothing.
 */
export class Waiter<Value> {
  #greenlet: Resumable | undefined
  #outcome: Outcome<Value> | undefined

  /** Ends the wait with `value`, from the hub. If it has not begun, the value is kept for it. */
  switch(value: Value): void {
    if (this.#greenlet) this.#greenlet.switch(value)
    else this.#outcome = { value }
  }

  /** The same with an error, which the wait throws. */
  throw(error: unknown): void {
    if (this.#greenlet) this.#greenlet.throw(error)
    else this.#outcome = { error }
  }

  /** Waits until `switch` or `throw` is called. Only one greenlet may wait here. */
  *get(): Green<Value> {
    if (this.#outcome) return settle(this.#outcome)
    this.#greenlet = hub.requireCurrent()
    try {
      return (yield) as Value
    } finally {
      this.#greenlet = undefined
    }
  }
}
// #endregion waiter

type Outcome<Value> = { value: Value } | { error: unknown }

function settle<Value>(outcome: Outcome<Value>): Value {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

// #region sleep
/** Waits this time, in seconds; 0 lets all other greenlets that can run do so once. */
export function* sleep(seconds = 0): Green<void> {
  checkSeconds(seconds)
  const waiter = new Waiter<void>()
  const wake = () => waiter.switch()
  const pending = seconds > 0 ? hub.after(seconds, wake) : hub.runCallback(wake)
  try {
    yield* waiter.get()
  } finally {
    pending.cancel()
  }
}
// #endregion sleep

/** Waits until no other greenlet can run. */
export function* idle(): Green<void> {
  const waiter = new Waiter<void>()
  const pending = hub.whenIdle(() => waiter.switch())
  try {
    yield* waiter.get()
  } finally {
    pending.cancel()
  }
}
