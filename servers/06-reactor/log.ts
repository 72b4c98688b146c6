/** Where does an error go that no caller can be told of? To stderr. */
import { writeSync } from 'node:fs'
import { toError } from './errors.ts'

export const log = {
  /**
   * Writes the error with its stack to stderr, at once: a thread that blocks in `run` has no event
   * loop that could write later.
   */
  err(thrown: unknown): void {
    const error = toError(thrown)
    try {
      writeSync(2, `${error.stack ?? error.message}\n`)
    } catch {
      // If the reader of stderr is slow or has ended, the reactor goes on without this report.
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
