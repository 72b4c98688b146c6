import { expect } from 'vitest'
import {
  Greenlet,
  GreenletExit,
  Group,
  joinall,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, expectSame, green, turns, untilKilled, watchFailures } from './green-harness.ts'
import { fail, failure, task } from './green-pool-harness.ts'

/** Group: greenlets that are waited for and killed together. */
export function groupTests(): void {
  watchFailures()

  green('Group: holds a greenlet from its spawn until it has ended', function* () {
    const group = new Group()
    const [a, b] = [yield* group.spawn(task, 1), yield* group.spawn(task, 3)]
    expect([group.size, group.has(a), group.full()]).toEqual([2, true, false])
    expectSame([...group], [a, b])
    yield* a.join()
    yield* sleep(0)
    expect([group.size, group.has(a), group.has(b)]).toEqual([1, false, true])
    expect(yield* group.join()).toBe(true)
    expect([group.size, yield* group.join()]).toEqual([0, true])
  })

  green('Group: add and start take a greenlet in, and discard lets it go', function* () {
    const group = new Group()
    const greenlet = new Greenlet(() => task(1))
    yield* group.start(greenlet)
    yield* group.add(greenlet)
    expect([group.size, greenlet.started]).toEqual([1, true])
    group.discard(greenlet)
    group.discard(greenlet)
    expect([group.size, yield* group.join()]).toEqual([0, true])
    expect(yield* greenlet.get()).toBe(1)
    yield* group.add(greenlet)
    expect(yield* group.join()).toBe(true)
  })

  green('Group: join waits, up to its timeout, also for greenlets that come later', function* () {
    const group = new Group()
    const first = yield* group.spawn(untilKilled)
    expect(yield* group.join(0.001)).toBe(false)
    const second = yield* group.spawn(untilKilled)
    const joiner = spawn(() => group.join())
    yield* first.kill()
    yield* turns(3)
    expect(joiner.ready()).toBe(false)
    second.kill()
    expect(yield* joiner.get()).toBe(true)
  })

  green('Group: join with raiseError throws what one of the greenlets has thrown', function* () {
    const group = new Group()
    yield* group.spawn(fail)
    expect(yield* group.join()).toBe(true)
    yield* group.spawn(fail)
    expect(yield* caught(() => group.join(null, true))).toBe(failure)
  })

  green('Group: kill ends all greenlets, and waits until they have ended', function* () {
    const group = new Group()
    const greenlets = [yield* group.spawn(untilKilled), yield* group.spawn(untilKilled)]
    yield* sleep(0)
    const unborn = yield* group.spawn(untilKilled)
    expect(yield* group.kill()).toBe(true)
    expect(greenlets.map(({ value }) => value)).toEqual(['killed', 'killed'])
    expect(unborn.value).toBeInstanceOf(GreenletExit)
    expect(group.size).toBe(0)
  })

  green('Group: kill ends greenlets that have not begun', function* () {
    const group = new Group()
    const unborn = yield* group.spawn(untilKilled)
    expect(yield* group.kill()).toBe(true)
    expect([unborn.ready(), group.size]).toEqual([true, 0])
  })

  green('Group: kill waits no longer than its timeout, and kills no greenlet twice', function* () {
    const group = new Group()
    const stubborn = yield* group.spawn(function* () {
      const end = yield* untilKilled()
      yield* sleep(0.01)
      return end
    })
    yield* sleep(0)
    expect(yield* group.kill(undefined, 0.001)).toBe(false)
    expect(yield* stubborn.get()).toBe('killed')
  })

  green('Group: a greenlet that kills its own group ends too, after the others', function* () {
    const group = new Group()
    const killer = yield* group.spawn(() => group.kill())
    const other = yield* group.spawn(untilKilled)
    yield* group.join()
    expect(killer.value).toBeInstanceOf(GreenletExit)
    expect(other.ready()).toBe(true)
  })

  green('Group: killOne kills a greenlet of the group, and of no other group', function* () {
    const [group, other] = [new Group(), new Group()]
    const greenlet = yield* group.spawn(untilKilled)
    yield* sleep(0)
    expect(yield* other.killOne(greenlet)).toBe(false)
    expect(yield* group.killOne(greenlet)).toBe(true)
    expect([greenlet.value, group.size]).toEqual(['killed', 0])
    expect(yield* group.killOne(greenlet)).toBe(true)
  })

  green('Group: apply returns the value or throws the exception', function* () {
    const group = new Group()
    expect(yield* group.apply(task, [2])).toBe(2)
    expect(yield* caught(() => group.apply(task, [0]))).toBe(failure)
  })

  green('Group: applyAsync calls back with the value, and not after a failure', function* () {
    const group = new Group()
    const values: unknown[] = []
    const greenlets = [1, 0, 2].map((n) => group.applyAsync(task, [n], (v) => values.push(v)))
    yield* joinall(greenlets)
    yield* sleep(0)
    expect(values).toEqual([1, 2])
    expect(greenlets.map((greenlet) => greenlet.successful())).toEqual([true, false, true])
  })
}
