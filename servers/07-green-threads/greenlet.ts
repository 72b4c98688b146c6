import { type Green, hub, type Pending } from './hub.ts'
import { Linkable } from './linkable.ts'
import { type Patience, within } from './timeout.ts'

/** What a greenlet runs: a generator function, or a plain one that never waits. */
export type Body<Args extends unknown[], Result> = (...args: Args) => Green<Result> | Result

export type Link<Result> = (greenlet: Greenlet<Result>) => void

/** A kill arrives as this. It counts as success: who was killed has not failed. */
export class GreenletExit extends Error {
  override readonly name = 'GreenletExit'
}

let count = 0

/**
 * A green thread, after gevent.Greenlet: a function that runs by itself and gives way at each
 * `yield*`. Its life:
 *
 *     new → started → (runs ⇄ waits in the hub) → ready: successful, or with an exception
 *
 * Subclass it and override `run`, or give it a function.
 *
 * Where it differs: `kill` and the like take effect when they are called, and what they return
 * waits: `yield* g.kill()` is gevent's `g.kill()`, and a bare `g.kill()` its `block=False`. Only
 * `spawn` passes arguments on; elsewhere a closure does.
 */
export class Greenlet<Result = unknown> extends Linkable<Greenlet<Result>> {
  readonly #number = count++
  readonly #body: Body<[], Result> | undefined
  #frame: Green<Result> | undefined
  #starting: Pending | undefined
  #state: 'new' | 'started' | 'running' | 'ready' = 'new'
  #value: Result | GreenletExit | undefined
  #failed = false
  #exception: unknown

  constructor(body?: Body<[], Result>) {
    super()
    this.#body = body
  }

  /** Makes a greenlet of `body` and starts it. */
  static spawn<Args extends unknown[], Result>(
    body: Body<Args, Result>,
    ...args: Args
  ): Greenlet<Result> {
    const greenlet = new Greenlet(() => body(...args))
    greenlet.start()
    return greenlet
  }

  /** The same, in so many seconds. */
  static spawnLater<Args extends unknown[], Result>(
    seconds: number,
    body: Body<Args, Result>,
    ...args: Args
  ): Greenlet<Result> {
    const greenlet = new Greenlet(() => body(...args))
    greenlet.startLater(seconds)
    return greenlet
  }

  /** What it does. For subclasses to override; gevent calls it `_run`. */
  run(): Green<Result> | Result {
    if (!this.#body) throw new TypeError('a greenlet needs a function, or a class that has run')
    return this.#body()
  }

  /** Has the hub start it, soon. It is no error to start it twice. */
  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.#starting = hub.runCallback(() => this.#begin())
  }

  /** Has the hub start it in so many seconds. */
  startLater(seconds: number): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.#starting = hub.after(seconds, () => this.#begin())
  }

  /** True from `start` until it is ready. */
  get started(): boolean {
    return this.#state === 'started' || this.#state === 'running'
  }

  /** True once it has ended, however it did. */
  ready(): boolean {
    return this.#state === 'ready'
  }

  /** True once it has ended without an exception. */
  successful(): boolean {
    return this.ready() && !this.#failed
  }

  /** What it has returned, or the GreenletExit that killed it; undefined if it has failed. */
  get value(): Result | GreenletExit | undefined {
    return this.#value
  }

  /** What it has failed with; undefined if it has not. */
  get exception(): unknown {
    return this.#exception
  }

  /** Waits for its end, however it ends. Returns whether it has, within `timeout`. */
  *join(timeout?: Patience): Green<boolean> {
    return yield* this.waitReady(timeout)
  }

  /** Waits for its end. Returns its value or throws its exception; a Timeout if that passes. */
  *get(timeout?: Patience): Green<Result | GreenletExit> {
    yield* within(timeout, () => this.waitReady())
    if (this.#failed) throw this.#exception
    return this.#value as Result | GreenletExit
  }

  // #region kill
  /**
   * Has `exception` thrown into it, wherever it waits; `yield*` what this returns to wait for its
   * end. One that has not begun never will. It may catch the exception and go on: then it does.
   */
  kill(exception: Error = new GreenletExit('killed'), timeout?: Patience): Green<boolean> {
    if (hub.current === this) throw exception
    if (!this.#frame && !this.ready()) this.#cancel(exception)
    else hub.runCallback(() => this.throw(exception))
    return this.join(timeout)
  }
  // #endregion kill

  /** As `link`, but only a successful end is told. */
  linkValue(link: Link<Result>): void {
    this.link(link, () => this.successful())
  }

  /** As `link`, but only a failure is told. */
  linkException(link: Link<Result>): void {
    this.link(link, () => this.#failed)
  }

  // #region switch
  /** Runs it until its next wait, which ended with `value`. Only the hub may call it. */
  switch(value?: unknown): void {
    this.#step((frame) => frame.next(value))
  }

  /** The same, but its wait ends with `error`. Without a wait (it has ended) nothing happens. */
  throw(error: unknown): void {
    this.#step((frame) => frame.throw(error))
  }

  #step(advance: (frame: Green<Result>) => IteratorResult<undefined, Result>): void {
    const frame = this.#frame
    if (!frame) return
    if (hub.current) throw new Error('a greenlet is resumed by the hub, not by another one')
    hub.current = this
    try {
      const { done, value } = advance(frame)
      if (done) this.#end(value)
    } catch (error) {
      this.#fail(error)
    } finally {
      hub.current = undefined
    }
  }
  // #endregion switch

  override toString(): string {
    return `Greenlet ${this.#number}`
  }

  #begin(): void {
    this.#state = 'running'
    this.#frame = call(() => this.run())
    this.switch()
  }

  /** It is killed before it has begun. */
  #cancel(exception: Error): void {
    this.#starting?.cancel()
    this.#fail(exception)
  }

  #end(value: Result | GreenletExit | undefined): void {
    this.#frame = undefined
    this.#state = 'ready'
    this.#value = value
    this.notify()
  }

  #fail(error: unknown): void {
    this.#failed = !(error instanceof GreenletExit)
    if (this.#failed) hub.handleError(this, error)
    this.#exception = this.#failed ? error : undefined
    this.#end(error instanceof GreenletExit ? error : undefined)
  }
}

/** Calls `body`, whether it may wait or not. Nothing of it runs before the first `next`. */
export function* call<Result>(body: Body<[], Result>): Green<Result> {
  const result = body()
  return isFrame(result) ? yield* result : result
}

function isFrame<Result>(result: Green<Result> | Result): result is Green<Result> {
  return typeof result === 'object' && result !== null && Symbol.iterator in result
    ? typeof (result as Partial<Green<Result>>).throw === 'function'
    : false
}

/** Makes a greenlet of `body` and starts it; gevent.spawn. */
export const spawn = Greenlet.spawn

/** The same, in so many seconds; gevent.spawn_later. */
export const spawnLater = Greenlet.spawnLater

/**
 * The way in from the rest of the program: runs `main` as a greenlet, and settles as it ends. Node
 * ends the process with code 13 if it waits for what can't come any more; gevent raises LoopExit.
 */
export function run<Result>(main: () => Green<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    spawn(function* () {
      try {
        resolve(yield* main())
      } catch (error) {
        reject(error)
      }
    })
  })
}
