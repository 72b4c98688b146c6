import { type Body, call, type Greenlet } from './greenlet.ts'
import { type Green, getcurrent } from './hub.ts'
import type { Patience } from './timeout.ts'
import { WaitingLine } from './waiting-line.ts'

/**
 * So many permits: `acquire` takes one, or waits for it, and `release` gives one back. Fair: who
 * has waited longest is next, and nobody who comes later is quicker. After gevent.lock.Semaphore.
 *
 * Where it differs: `acquireNowait` is gevent's `acquire(blocking=False)`, and `scope` its `with`.
 */
export class Semaphore {
  #counter: number
  readonly #line = new WaitingLine(() => this.#counter > 0)
  /** Those in `wait`, who take nothing: they come after all who do. */
  readonly #watchers = new WaitingLine(() => !this.locked())

  /** @param value the permits there are at first */
  constructor(value = 1) {
    if (!Number.isInteger(value) || value < 0)
      throw new RangeError(`a semaphore can't start with ${value} permits`)
    this.#counter = value
  }

  /** The permits that are left. */
  get counter(): number {
    return this.#counter
  }

  /** True if `acquire` would wait: no permit is left, or those who wait are first. */
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
      // Who leaves the line without a permit may leave one over.
      this.#watchers.serve()
    }
  }

  /** Takes a permit if there is one, and says whether it has. */
  acquireNowait(): boolean {
    if (this.locked()) return false
    this.#counter--
    return true
  }

  /** Gives a permit back. Anybody may, the hub too, and without having taken one. */
  release(): void {
    this.#counter++
    this.#line.serve()
    this.#watchers.serve()
  }

  /** Waits until a permit is left over, and takes none. Returns how many; 0 if not in `timeout`. */
  *wait(timeout?: Patience): Green<number> {
    if (this.locked() && !(yield* this.#watchers.wait(timeout))) return 0
    return this.#counter
  }

  /** Runs `body` with a permit, which is given back however `body` ends. */
  *scope<Result>(body: Body<[], Result>): Green<Result> {
    yield* this.acquire()
    try {
      return yield* call(body)
    } finally {
      this.release()
    }
  }
}

/** A semaphore that notices a permit given back too often. After gevent.lock.BoundedSemaphore. */
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
 * A lock that its owner may take again; it is free when the owner has released it as often. After
 * gevent.lock.RLock.
 */
export class RLock {
  readonly #lock = new Semaphore(1)
  #owner: Greenlet | undefined
  #depth = 0

  /** The greenlet that holds it. */
  get owner(): Greenlet | undefined {
    return this.#owner
  }

  /** True if somebody holds it, or is about to. */
  locked(): boolean {
    return this.#lock.locked()
  }

  /** Takes it, or takes it once more. False if `timeout` has passed before. */
  *acquire(timeout?: Patience): Green<boolean> {
    const mine = this.#owner === getcurrent()
    if (!mine && !(yield* this.#lock.acquire(timeout))) return false
    this.#owner = getcurrent()
    this.#depth++
    return true
  }

  /** The same, if it need not wait for it. Says whether it has taken it. */
  acquireNowait(): boolean {
    if (this.#owner !== getcurrent() && !this.#lock.acquireNowait()) return false
    this.#owner = getcurrent()
    this.#depth++
    return true
  }

  /** Undoes one `acquire`. Only the owner may. */
  release(): void {
    if (this.#owner !== getcurrent()) throw new Error('only its owner can release a lock')
    this.#depth--
    if (this.#depth > 0) return
    this.#owner = undefined
    this.#lock.release()
  }

  /** Runs `body` with the lock held, which is released however `body` ends. */
  *scope<Result>(body: Body<[], Result>): Green<Result> {
    yield* this.acquire()
    try {
      return yield* call(body)
    } finally {
      this.release()
    }
  }
}
