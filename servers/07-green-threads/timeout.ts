/**
 * How does a wait end that takes too long? A Timeout throws an error into the greenlet, wherever it
 * waits by then.
 */
import { type Green, hub, type Pending } from './hub.ts'
import { checkSeconds } from './numbers.ts'

/** What a Timeout throws when its time has passed. With null or `false` it throws itself. */
export type TimeoutException = Error | (new () => Error) | false | null

/**
 * How long to wait: seconds, null or undefined for ever, or a Timeout, which is started if it is
 * not running.
 */
export type Patience = number | null | undefined | Timeout

/**
 * An error that is thrown into the greenlet that started it, wherever this greenlet waits by then,
 * unless the Timeout is cancelled before. Modelled on gevent.Timeout.
 *
 *     using timeout = Timeout.startNew(5)      // cancelled at the end of the block
 *     yield* socket.recv(1024)                 // throws `timeout` after five seconds
 *
 * A greenlet that computes is not interrupted: the error comes at its next wait. Timeouts nest, so
 * compare the error that you catch with the Timeout that you started.
 *
 * Where it differs: Python's `with` can swallow an exception, and `using` can't. A Timeout with the
 * exception `false` therefore needs its `scope`.
 */
export class Timeout extends Error {
  override readonly name = 'Timeout'
  /** Null: the Timeout never fires. Below 0, the time has passed already. */
  readonly seconds: number | null
  readonly exception: TimeoutException
  #pending: Pending | undefined

  /**
   * @param exception thrown instead of the Timeout; `false`: the Timeout itself is thrown, and its
   *   `scope` swallows it
   */
  constructor(seconds: number | null = null, exception: TimeoutException = null) {
    super(seconds === null ? 'no timeout' : `${seconds} seconds have passed`)
    if (seconds !== null) checkSeconds(seconds)
    this.seconds = seconds
    this.exception = exception
  }

  /** Makes a Timeout and starts it. */
  static startNew(seconds: number | null = null, exception: TimeoutException = null): Timeout {
    const timeout = new Timeout(seconds, exception)
    timeout.start()
    return timeout
  }

  // #region start
  /** Starts it for the greenlet that runs. Throws if it has been started already. */
  start(): void {
    if (this.pending) throw new Error('the timeout has been started already')
    if (this.seconds === null) return
    const greenlet = hub.requireCurrent()
    this.#pending = hub.after(this.seconds, () => {
      this.#pending = undefined
      greenlet.throw(this.#error())
    })
  }
  // #endregion start

  /** True from its start until it has fired or been cancelled. */
  get pending(): boolean {
    return this.#pending !== undefined
  }

  cancel(): void {
    this.#pending?.cancel()
    this.#pending = undefined
  }

  [Symbol.dispose](): void {
    this.cancel()
  }

  /**
   * Runs `body` under this timeout. If the timeout fires and `exception` is `false`, this returns
   * undefined. Every other error goes through, another Timeout too.
   */
  *scope<Result>(body: () => Green<Result>): Green<Result | undefined> {
    if (!this.pending) this.start()
    try {
      return yield* body()
    } catch (error) {
      if (error === this && this.exception === false) return undefined
      throw error
    } finally {
      this.cancel()
    }
  }

  #error(): Error {
    if (typeof this.exception === 'function') return new this.exception()
    return this.exception || this
  }
}

/**
 * Runs `body` for this time at most, in seconds. After that it throws a Timeout, or returns
 * `timeoutValue` if one is given.
 */
export function withTimeout<Result>(
  seconds: number | null,
  body: () => Green<Result>,
): Green<Result>
export function withTimeout<Result, Value>(
  seconds: number | null,
  body: () => Green<Result>,
  timeoutValue: Value,
): Green<Result | Value>
export function* withTimeout<Result>(
  seconds: number | null,
  body: () => Green<Result>,
  ...timeoutValue: unknown[]
): Green<unknown> {
  const timeout = new Timeout(seconds)
  try {
    return yield* timeout.scope(body)
  } catch (error) {
    if (error !== timeout || timeoutValue.length === 0) throw error
    return timeoutValue[0]
  }
}

/**
 * How every call that waits handles its own timeout: runs `body`, and if the time of this timeout
 * has passed, returns `late()`, or throws the timeout if there is no `late`. The timeout of a
 * caller further out goes through.
 */
export function* within<Result>(
  patience: Patience,
  body: () => Green<Result>,
  late: (timeout: Timeout) => Result = rethrow,
): Green<Result> {
  // Most waits have no timeout: nothing to set up, nothing to catch.
  if (patience === null || patience === undefined) return yield* body()
  const timeout = patience instanceof Timeout ? patience : new Timeout(patience)
  if (!timeout.pending) timeout.start()
  try {
    return yield* body()
  } catch (error) {
    if (error !== timeout) throw error
    return late(timeout)
  } finally {
    timeout.cancel()
  }
}

function rethrow(timeout: Timeout): never {
  throw timeout
}
