import { expect } from 'vitest'
import {
  type Greenlet,
  joinall,
  sleep,
  spawn,
  wait,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, expectSame, green, untilKilled, watchFailures } from './green-harness.ts'

/** joinall and wait, which wait for several greenlets, and ends that come with a timeout. */
export function waitTests(): void {
  watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green('joinall: waits for all greenlets, or until its timeout', function* () {
    const fast = [spawn(() => 1), spawn(() => sleep(0.01))]
    const slow = spawn(untilKilled)
    expectSame(yield* joinall([...fast, slow], 0.03), fast)
    slow.kill()
    expectSame(yield* joinall([slow]), [slow])
    expect(yield* joinall([])).toEqual([])
  })

  green('joinall: counts a failure as an end; with raiseError it throws the failure', function* () {
    const bad = spawn(fail)
    expectSame(yield* joinall([bad]), [bad])
    const slow = spawn(untilKilled)
    expect(yield* caught(() => joinall([slow, bad], null, true))).toBe(failure)
    expect(slow.ready()).toBe(false)
    slow.kill()
  })

  green('wait: returns the first greenlets to end, up to a count, in that order', function* () {
    const [slow, fast, never] = [0.02, 0.01, 1000].map((seconds) => spawn(() => sleep(seconds)))
    const all = [never!, slow!, fast!]
    expectSame(yield* wait(all, null, 2), [fast, slow])
    expectSame(yield* wait(all, null, 1), [slow])
    expectSame(yield* wait(all, 0.01), [slow, fast])
    expectSame(yield* wait(all, null, 0), [])
    never!.kill()
  })

  green('wait: a count above the number of greenlets waits for all, each once', function* () {
    const greenlet = spawn(() => sleep(0))
    expectSame(yield* wait([greenlet], null, 2), [greenlet])
    expectSame(yield* wait([spawn(() => sleep(0)), greenlet, greenlet], null, 1), [greenlet])
  })

  green('wait: with a timeout of 0 returns the greenlets that have ended', function* () {
    const greenlet = spawn(() => {})
    yield* greenlet.join()
    block(0.005)
    expectSame(yield* wait([greenlet], 0), [greenlet])
  })

  green('wait: also returns greenlets that end together with the timeout', function* () {
    const [soon, never] = [spawn(() => sleep(0.005)), spawn(untilKilled)]
    yield* sleep(0)
    spawn(() => block(0.01))
    expectSame(yield* wait<Greenlet>([never, soon], 0.005), [soon])
    never.kill()
  })

  green('join: returns true if the end comes together with the timeout', function* () {
    const greenlet = spawn(() => sleep(0.005))
    yield* sleep(0)
    spawn(() => block(0.01))
    expect(yield* greenlet.join(0.005)).toBe(true)
  })
}
