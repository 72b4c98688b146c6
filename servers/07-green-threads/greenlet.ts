/**
 * What is a green thread? An object with a function that runs on its own. Other code can start it,
 * wait for it, link to it and kill it. The last function in here, `run`, is the way into green
 * threads from the rest of the program.
 */
import { type Green, hub, type Pending, type Resumable } from './hub.ts'
import { Linkable } from './linkable.ts'
import { type Patience, within } from './timeout.ts'

/** What a greenlet runs: a generator function, or a plain function that never waits. */
export type Body<Args extends unknown[], Result> = (...args: Args) => Green<Result> | Result

export type Link<Result> = (greenlet: Greenlet<Result>) => void

/** A kill throws this. It counts as success: a greenlet that was killed has not failed. */
export class GreenletExit extends Error {
  override readonly name = 'GreenletExit'
}

let count = 0

/**
 * A green thread: a function that runs on its own, and lets others run at each `yield*`. Modelled
 * on gevent.Greenlet. Its life:
 *
 *     new → started → (runs ⇄ waits in the hub) → ready: successful, or with an exception
 *
 * Give it a function, or override `run` in a subclass.
 *
 * Where it differs: `kill` and the like take effect when they are called, and what they return
 * waits. `yield* g.kill()` is gevent's `g.kill()`, and a bare `g.kill()` is its
 * `g.kill(block=False)`. Only the `spawn` functions pass arguments on; elsewhere a closure does.
 */
export class Greenlet<Result = unknown> extends Linkable<Greenlet<Result>> implements Resumable {
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

  /** The same, but the start comes after this time, in seconds. */
  static spawnLater<Args extends unknown[], Result>(
    seconds: number,
    body: Body<Args, Result>,
    ...args: Args
  ): Greenlet<Result> {
    const greenlet = new Greenlet(() => body(...args))
    greenlet.startLater(seconds)
    return greenlet
  }

  /** What the greenlet does, for subclasses to override. gevent calls it `_run`. */
  run(): Green<Result> | Result {
    if (!this.#body) throw new TypeError('a greenlet needs a function, or a class that has run')
    return this.#body()
  }

  /** The hub starts it soon. To start it twice is no error. */
  start(): void {
    if (this.#state !== 'new') return
    this.#state = 'started'
    this.#starting = hub.runCallback(() => this.#begin())
  }

  /** The hub starts it after this time, in seconds. */
  startLater(seconds: number): void {
    if (this.#state !== 'new') return
    this.#starting = hub.after(seconds, () => this.#begin())
    this.#state = 'started'
  }

  /** True from `start` until it is ready. */
  get started(): boolean {
    return this.#state === 'started' || this.#state === 'running'
  }

  /** True once it has ended, with or without an exception. */
  ready(): boolean {
    return this.#state === 'ready'
  }

  /** True once it has ended without an exception. */
  successful(): boolean {
    return this.ready() && !this.#failed
  }

  /** What it has returned, or the GreenletExit that killed it. Undefined if it has failed. */
  get value(): Result | GreenletExit | undefined {
    return this.#value
  }

  /** The exception that it has failed with. Undefined if it has not. */
  get exception(): unknown {
    return this.#exception
  }

  /** Waits for its end, with or without an exception. False if `timeout` has passed before. */
  *join(timeout?: Patience): Green<boolean> {
    return yield* this.waitReady(timeout)
  }

  /** Waits for its end. Returns its value, or throws its exception, or a Timeout if that passes. */
  *get(timeout?: Patience): Green<Result | GreenletExit> {
    yield* within(timeout, () => this.waitReady())
    if (this.#failed) throw this.#exception
    return this.#value as Result | GreenletExit
  }

  // #region kill
  /**
   * Throws `exception` into the greenlet, wherever it waits; `yield*` what this returns to wait for
   * its end. A greenlet that has not begun never begins. One that catches the exception may go on.
   */
  kill(exception: Error = new GreenletExit('killed'), timeout?: Patience): Green<boolean> {
    if (hub.current === this) throw exception
    if (!this.#frame && !this.ready()) this.#cancel(exception)
    else hub.runCallback(() => this.throw(exception))
    return this.join(timeout)
  }
  // #endregion kill

  /** As `link`, but `link` is called only if the end is a success. */
  linkValue(link: Link<Result>): void {
    this.link(link, () => this.successful())
  }

  /** As `link`, but `link` is called only if the end is a failure. */
  linkException(link: Link<Result>): void {
    this.link(link, () => this.#failed)
  }

  // #region switch
  /** Runs it until its next wait; its current one ends with `value`. Only the hub may call this. */
  switch(value?: unknown): void {
    const frame = this.#frame
    if (frame) this.#step(() => frame.next(value))
  }

  /** The same, but its current wait throws `error`. Does nothing if the greenlet does not wait. */
  throw(error: unknown): void {
    const frame = this.#frame
    if (frame) this.#step(() => frame.throw(error))
  }

  #step(advance: () => IteratorResult<undefined, Result>): void {
    if (hub.current) throw new Error('a greenlet is resumed by the hub, not by another one')
    hub.current = this
    try {
      const { done, value } = advance()
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
    this.#starting = undefined
    this.#step(() => {
      const result = this.run()
      if (!isFrame(result)) return { done: true, value: result }
      this.#frame = result
      return result.next()
    })
  }

  /** A kill that comes before the greenlet has begun. */
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
    if (this.#failed) hub.report(this, error)
    this.#exception = this.#failed ? error : undefined
    this.#end(error instanceof GreenletExit ? error : undefined)
  }
}

/** Calls `body`, a generator function or a plain one. Before the first `next` nothing runs. */
export function* call<Result>(body: Body<[], Result>): Green<Result> {
  const result = body()
  return isFrame(result) ? yield* result : result
}

function isFrame<Result>(result: Green<Result> | Result): result is Green<Result> {
  return typeof result === 'object' && result !== null && Symbol.iterator in result
    ? typeof (result as Partial<Green<Result>>).throw === 'function'
    : false
}

/** The greenlet that runs. Throws if the hub runs. Modelled on gevent.getcurrent. */
export function getcurrent(): Greenlet {
  // `hub.current` has the type of what the hub needs, but only greenlets set it: see `#step`.
  return hub.requireCurrent() as Greenlet
}

/** Makes a greenlet of `body` and starts it; gevent.spawn. */
export const spawn = Greenlet.spawn

/** The same, but the start comes after this time, in seconds; gevent.spawn_later. */
export const spawnLater = Greenlet.spawnLater

/**
 * Runs `main` as a greenlet, and settles when that ends: the way in from the rest of the program.
 * If `main` waits for something that can't come any more, Node ends the process with code 13;
 * gevent raises LoopExit.
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
