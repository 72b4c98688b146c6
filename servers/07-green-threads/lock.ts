/**
 * How do greenlets share what only some of them may use at a time? Each takes a permit first, or
 * waits for one. Without a wait in between no lock is needed, since nothing interrupts a greenlet.
 */
import { type Body, call, type Greenlet, getcurrent } from './greenlet.ts'
import type { Green } from './hub.ts'
import { checkCount } from './numbers.ts'
import type { Patience } from './timeout.ts'
import { WaitingLine } from './waiting-line.ts'

/**
 * A number of permits: `acquire` takes one, or waits for it, and `release` gives one back. Fair:
 * the greenlet that has waited longest is next, and none that comes later overtakes it. Modelled on
 * gevent.lock.Semaphore.
 *
 * Where it differs: `acquireNowait` is gevent's `acquire(blocking=False)`, and `scope` its `with`.
 */
export class Semaphore {
  #counter: number
  readonly #line = new WaitingLine(() => this.#counter > 0)
  /** Greenlets in `wait`, which take nothing: they come after all that take a permit. */
  readonly #watchers = new WaitingLine(() => !this.locked())

  /** @param value the number of permits at first */
  constructor(value = 1) {
    checkCount(value, 0, 'permits')
    this.#counter = value
  }

  /** The number of permits that are left. */
  get counter(): number {
    return this.#counter
  }

  /** True if `acquire` would wait: no permit is left, or other greenlets wait already. */
  locked(): boolean {
    return this.#counter === 0 || this.#line.length > 0
  }

  /** Takes a permit as soon as there is one. False if `timeout` has passed before. */
  *acquire(timeout?: Patience): Green<boolean> {
    try {
      if (this.locked() && !(yield* this.#line.wait(timeout))) return false
      this.#counter--
      return true
    } finally {
      // A greenlet that leaves the line without a permit may leave one over.
      this.#watchers.serve()
    }
  }

  /** Takes a permit if there is one. Returns whether it has. */
  acquireNowait(): boolean {
    if (this.locked()) return false
    this.#counter--
    return true
  }

  /** Gives a permit back. Any greenlet may call it, the hub too, even without having taken one. */
  release(): void {
    this.#counter++
    this.#line.serve()
    this.#watchers.serve()
  }

  /** Waits until a permit is left over, and takes none. Returns how many are; 0 after `timeout`. */
  *wait(timeout?: Patience): Green<number> {
    if (this.locked() && !(yield* this.#watchers.wait(timeout))) return 0
    return this.#counter
  }

  /** Runs `body` with a permit, and gives it back however `body` ends. */
  *scope<Result>(body: Body<[], Result>): Green<Result> {
    yield* this.acquire()
    try {
      return yield* call(body)
    } finally {
      this.release()
    }
  }
}

/**
 * A semaphore that throws when a permit is given back too often. Modelled on
 * gevent.lock.BoundedSemaphore.
 */
export class BoundedSemaphore extends Semaphore {
  readonly #bound: number

  constructor(value = 1) {
    super(value)
    this.#bound = value
  }

  override release(): void {
    if (this.counter >= this.#bound) throw new RangeError('released more often than acquired')
    super.release()
  }
}

/**
 * A lock that its owner may take again. It is free once the owner has released it as often as it
 * has taken it. Modelled on gevent.lock.RLock.
 */
export class RLock {
  readonly #lock = new Semaphore(1)
  #owner: Greenlet | undefined
  #depth = 0

  /** The greenlet that holds the lock. */
  get owner(): Greenlet | undefined {
    return this.#owner
  }

  /** True if a greenlet holds it, or is about to. */
  locked(): boolean {
    return this.#lock.locked()
  }

  /** Takes the lock, or takes it once more. False if `timeout` has passed before. */
  *acquire(timeout?: Patience): Green<boolean> {
    const mine = this.#owner === getcurrent()
    if (!mine && !(yield* this.#lock.acquire(timeout))) return false
    this.#owner = getcurrent()
    this.#depth++
    return true
  }

  /** The same without a wait. Returns whether it has taken the lock. */
  acquireNowait(): boolean {
    if (this.#owner !== getcurrent() && !this.#lock.acquireNowait()) return false
    this.#owner = getcurrent()
    this.#depth++
    return true
  }

  /** Undoes one `acquire`. Throws if the caller is not the owner. */
  release(): void {
    if (this.#owner !== getcurrent()) throw new Error('only its owner can release a lock')
    this.#depth--
    if (this.#depth > 0) return
    this.#owner = undefined
    this.#lock.release()
  }

  /** Runs `body` with the lock held, and releases it however `body` ends. */
  *scope<Result>(body: Body<[], Result>): Green<Result> {
    yield* this.acquire()
    try {
      return yield* call(body)
    } finally {
      this.release()
    }
  }
}
