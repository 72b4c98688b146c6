/**
 * The hub: the one place where green threads wait, and from which they go on.
 *
 * A green thread (a greenlet) is a generator. It runs until it says `yield`, and is then in the
 * hub's hands, which are Node's event loop: a callback that is due, a timer, bytes on a socket.
 * Whichever comes calls the greenlet's `switch`, and it goes on where it stopped. Only one runs at
 * a time, and nobody interrupts it in between.
 *
 * What JavaScript can't do: switch from the depth of a call. The original swaps C stacks, so that
 * any function may wait and nothing shows it. A generator gives up its own frame only, hence every
 * function that may wait is a generator, and every call of one says `yield*`. The price is to write
 * it; the gain is to read, in the source, each place where somebody else may run.
 *
 * Where it differs: gevent's program is a greenlet itself, and its first wait starts the hub. Here
 * the program hands its first function to `run` (greenlet.ts).
 */
import type { Greenlet } from './greenlet.ts'

/** What a function returns that may wait: call it with `yield*`, and get its result. */
export type Green<Result> = Generator<undefined, Result, unknown>

/** A wait that is over before it has begun: what a call returns that need not wait this time. */
export const DONE: Green<void> = (function* () {})()
DONE.next()

/** Something that will happen, unless it is cancelled before. */
export interface Pending {
  cancel(): void
}

/** The longest time that Node's timers take, in milliseconds: 24 days. */
const LONGEST = 2 ** 31 - 1

export class Hub {
  /** The greenlet that runs; undefined while the hub does. */
  current: Greenlet | undefined
  #due: Callback[] = []
  readonly #idle: Callback[] = []

  // #region callbacks
  /**
   * Calls `callback` soon, from the hub, after all that was asked for before. Those asked for
   * meanwhile wait for the next turn of the event loop, so that greenlets which wake each other
   * for ever starve no socket.
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

  /** Calls `callback` from the hub once no other is due. */
  whenIdle(callback: () => void): Pending {
    const entry = new Callback(callback)
    this.#idle.push(entry)
    // It may be so already: a turn will tell.
    this.runCallback(() => {})
    return entry
  }

  /** Calls `callback` from the hub in so many seconds. */
  after(seconds: number, callback: () => void): Pending {
    const milliseconds = Math.min(seconds * 1000, LONGEST)
    const timer = setTimeout(() => this.#attempt({ call: callback }), milliseconds)
    return { cancel: () => clearTimeout(timer) }
  }

  /**
   * An exception that nobody caught. It ends its greenlet and no other, and is shown on stderr, as
   * in gevent. Assign another function to be told instead.
   */
  handleError = (context: unknown, error: unknown): void => {
    console.error(error)
    console.error(`${context} failed`)
  }

  #attempt(entry: { call(): void }): void {
    try {
      entry.call()
    } catch (error) {
      this.handleError('a callback of the hub', error)
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

/** There is one, since there is one event loop. In gevent: one for each operating-system thread. */
export const hub = new Hub()

/** The greenlet that runs. Throws if it is the hub that does. */
export function getcurrent(): Greenlet {
  if (!hub.current) throw new Error('only a greenlet can wait, and this is the hub')
  return hub.current
}

// #region waiter
/**
 * One wait of one greenlet: whoever knows the waiter can end it, with a value or an error.
 *
 * A wait may also end otherwise, by a timeout or a kill. The waiter is then left, and a switch that
 * comes too late wakes nobody.
 */
export class Waiter<Value> {
  #greenlet: Greenlet | undefined
  #outcome: Outcome<Value> | undefined

  /** Ends the wait, from the hub. Before the wait has begun, the value is kept for it. */
  switch(value: Value): void {
    if (this.#greenlet) this.#greenlet.switch(value)
    else this.#outcome = { value }
  }

  throw(error: unknown): void {
    if (this.#greenlet) this.#greenlet.throw(error)
    else this.#outcome = { error }
  }

  *get(): Green<Value> {
    if (this.#outcome) return settle(this.#outcome)
    this.#greenlet = getcurrent()
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
/** Waits so many seconds; 0 lets all others that can run do so once. */
export function* sleep(seconds = 0): Green<void> {
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

/** Waits until nobody else can run. */
export function* idle(): Green<void> {
  const waiter = new Waiter<void>()
  const pending = hub.whenIdle(() => waiter.switch())
  try {
    yield* waiter.get()
  } finally {
    pending.cancel()
  }
}
