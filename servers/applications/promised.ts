/** How does a green thread wait for a promise, such as the libraries of Node return? */
import { AsyncResult, type Green, type Patience } from '../07-green-threads/gevent.ts'

// #region promised
/**
 * Waits for a promise: returns its value, or throws what it is rejected with. After `timeout` it
 * throws a Timeout. Nothing can cancel a promise: then it goes on, and its result is not used.
 */
export function* promised<Value>(promise: Promise<Value>, timeout?: Patience): Green<Value> {
  const result = new AsyncResult<Value>()
  promise.then(
    (value) => result.set(value),
    (error) => result.setException(error),
  )
  return yield* result.get(timeout)
}
// #endregion promised
