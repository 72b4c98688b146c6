import { writeSync } from 'node:fs'
import { toError } from './errors.ts'

/** Where the framework reports an error that no caller can be told of. */
export const log = {
  /**
   * Writes the error with its stack to stderr, at once: a thread in `run` has no event loop for it.
   */
  err(thrown: unknown): void {
    const error = toError(thrown)
    try {
      writeSync(2, `${error.stack ?? error.message}\n`)
    } catch {
      // A reader of stderr that is slow or gone must not stop the reactor.
    }
  },

  /** Calls `f`, and logs what it throws. Returns what `f` does; undefined if it has thrown. */
  guard<T>(f: () => T): T | undefined {
    try {
      return f()
    } catch (error) {
      log.err(error)
      return undefined
    }
  },
}
