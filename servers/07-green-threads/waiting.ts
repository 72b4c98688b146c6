/** How does a greenlet wait for several things at a time? One wait is linked to all of them. */
import { type Greenlet, GreenletExit } from './greenlet.ts'
import { type Green, hub, Waiter } from './hub.ts'
import type { Linkable } from './linkable.ts'
import { checkCount } from './numbers.ts'
import { type Patience, within } from './timeout.ts'

/**
 * Waits until `count` of `objects` are ready, or `timeout` has passed. Returns those that are
 * ready: first the ones that were ready before, then the others in the order in which they became
 * ready. Modelled on gevent.wait.
 */
export function* wait<Each extends Linkable<unknown>>(
  objects: readonly Each[],
  timeout?: Patience,
  count = objects.length,
): Green<Each[]> {
  checkCount(count, 0, 'objects to wait for')
  if (count === 0) return []
  const distinct = new Set(objects)
  const done = new Set<Each>()
  const isEnough = () => done.size >= Math.min(count, distinct.size)
  const look = () => {
    for (const object of distinct) if (object.ready()) done.add(object)
  }
  look()
  if (isEnough()) return [...done].slice(0, count)
  const waiter = new Waiter<void>()
  const link = (object: unknown) => {
    done.add(object as Each)
    if (isEnough()) waiter.switch()
  }
  for (const object of distinct) if (!done.has(object)) object.link(link)
  try {
    yield* within(timeout, () => waiter.get(), look)
    return [...done].slice(0, count)
  } finally {
    for (const object of distinct) object.unlink(link)
  }
}

/**
 * Waits for the end of all `greenlets`. Returns those that have ended within `timeout`. With
 * `raiseError` the exception of the first greenlet that fails is thrown, as soon as it fails.
 * Modelled on gevent.joinall.
 */
export function* joinall<Each extends Greenlet>(
  greenlets: readonly Each[],
  timeout?: Patience,
  raiseError = false,
): Green<Each[]> {
  if (!raiseError) return yield* wait(greenlets, timeout)
  const done: Each[] = []
  function* oneByOne() {
    let left = greenlets
    while (left.length > 0) {
      const [next] = yield* wait(left, null, 1)
      if (!next!.successful()) throw next!.exception
      done.push(next!)
      left = left.filter((greenlet) => greenlet !== next)
    }
    return done
  }
  return yield* within(timeout, oneByOne, () => done)
}

/**
 * Kills all `greenlets`; `yield*` what this returns to wait for their end. Modelled on
 * gevent.killall.
 */
export function killall(
  greenlets: readonly Greenlet[],
  exception: Error = new GreenletExit('killed'),
  timeout?: Patience,
): Green<Greenlet[]> {
  const others = greenlets.filter((greenlet) => greenlet !== hub.current)
  for (const greenlet of others) greenlet.kill(exception)
  // The calling greenlet comes last, if it is among them: after its end it could kill no other.
  if (others.length < greenlets.length) throw exception
  return wait(greenlets, timeout)
}
