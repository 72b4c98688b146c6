import { type Green, getcurrent, hub, type Pending } from './hub.ts'

/** What a Timeout throws when its time has come, if it isn't itself. */
export type TimeoutException = Error | (new () => Error) | false | null

/** How long to wait: seconds, null for ever, or a Timeout, which is started if it is not. */
export type Patience = number | null | undefined | Timeout

/**
 * An error that is thrown into the greenlet that started it, wherever that waits by then, unless it
 * is cancelled before. After gevent.Timeout.
 *
 *     using timeout = Timeout.startNew(5)      // cancelled at the end of the block
 *     yield* socket.recv(1024)                 // throws `timeout` after five seconds
 *
 * A greenlet that computes is not interrupted: the error comes with its next wait. Timeouts nest;
 * compare what you catch with the Timeout that you started.
 *
 * Where it differs: as Python's `with` swallows what `using` can't, a Timeout with the exception
 * `false` needs its `scope`.
 */
export class Timeout extends Error {
  override readonly name = 'Timeout'
  /** Null is never. */
  readonly seconds: number | null
  readonly exception: TimeoutException
  #pending: Pending | undefined

  /**
   * @param exception thrown in its stead; `false`: the Timeout itself, and its scope swallows it
   */
  constructor(seconds: number | null = null, exception: TimeoutException = null) {
    super(seconds === null ? 'no timeout' : `${seconds} seconds have passed`)
    this.seconds = seconds
    this.exception = exception
  }

  /** Makes one and starts it. */
  static startNew(seconds: number | null = null, exception: TimeoutException = null): Timeout {
    const timeout = new Timeout(seconds, exception)
    timeout.start()
    return timeout
  }

  // #region start
  /** Starts it for the greenlet that runs. */
  start(): void {
    if (this.pending) throw new Error('the timeout has been started already')
    if (this.seconds === null) return
    const greenlet = getcurrent()
    this.#pending = hub.after(Math.max(0, this.seconds), () => {
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
   * Runs `body` under this timeout. If it fires, and `exception` is `false`, the scope ends with
   * undefined; what else is thrown, another Timeout too, goes through.
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

/** Runs `body` for so many seconds. After that it throws a Timeout, or returns `timeoutValue`. */
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
 * What every wait does with its own timeout: runs `body`, and returns `late()` if just that timeout
 * has passed, or throws it if there is no `late`. Any other, from further out, goes through.
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
