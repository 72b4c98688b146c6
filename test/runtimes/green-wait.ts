import { expect } from 'vitest'
import {
  type Greenlet,
  joinall,
  sleep,
  spawn,
  wait,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, expectSame, green, untilKilled, watchFailures } from './green-harness.ts'

/** joinall and wait, which wait for several, and an end that comes together with a timeout. */
export function waitTests(): void {
  watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green('joinall: waits for all, or as long as it may', function* () {
    const fast = [spawn(() => 1), spawn(() => sleep(0.01))]
    const slow = spawn(untilKilled)
    expectSame(yield* joinall([...fast, slow], 0.03), fast)
    slow.kill()
    expectSame(yield* joinall([slow]), [slow])
    expect(yield* joinall([])).toEqual([])
  })

  green('joinall: a failure is one of the ends; with raiseError it is thrown', function* () {
    const bad = spawn(fail)
    expectSame(yield* joinall([bad]), [bad])
    const slow = spawn(untilKilled)
    expect(yield* caught(() => joinall([slow, bad], null, true))).toBe(failure)
    expect(slow.ready()).toBe(false)
    slow.kill()
  })

  green('wait: the first so many, in the order of their ends', function* () {
    const [slow, fast, never] = [0.02, 0.01, 1000].map((seconds) => spawn(() => sleep(seconds)))
    const all = [never!, slow!, fast!]
    expectSame(yield* wait(all, null, 2), [fast, slow])
    expectSame(yield* wait(all, null, 1), [slow])
    expectSame(yield* wait(all, 0.01), [slow, fast])
    expectSame(yield* wait(all, null, 0), [])
    never!.kill()
  })

  green('wait: for more than there are, or for one twice, is to wait for all', function* () {
    const greenlet = spawn(() => sleep(0))
    expectSame(yield* wait([greenlet], null, 2), [greenlet])
    expectSame(yield* wait([spawn(() => sleep(0)), greenlet, greenlet], null, 1), [greenlet])
  })

  green('wait: with no time at all it tells those that have ended', function* () {
    const greenlet = spawn(() => {})
    yield* greenlet.join()
    block(0.005)
    expectSame(yield* wait([greenlet], 0), [greenlet])
  })

  green('wait: those whose end comes together with the timeout are told', function* () {
    const [soon, never] = [spawn(() => sleep(0.005)), spawn(untilKilled)]
    yield* sleep(0)
    spawn(() => block(0.01))
    expectSame(yield* wait<Greenlet>([never, soon], 0.005), [soon])
    never.kill()
  })

  green('join: an end that comes together with the timeout is an end', function* () {
    const greenlet = spawn(() => sleep(0.005))
    yield* sleep(0)
    spawn(() => block(0.01))
    expect(yield* greenlet.join(0.005)).toBe(true)
  })
}
