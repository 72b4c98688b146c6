/** What the greenlets of the tests of groups and pools do. */
import type { Green } from '../../servers/07-green-threads/gevent.ts'
import { turns } from './green-harness.ts'

export const failure = new Error('from a pool')

export function fail(): never {
  throw failure
}

/** Ends after `count` turns and returns that number; throws if the number is 0. */
export function* task(count: number): Green<number> {
  yield* turns(Math.max(1, count))
  if (count === 0) throw failure
  return count
}
