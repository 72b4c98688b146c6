import { expect, test } from 'vitest'
import {
  Event,
  type Green,
  Greenlet,
  GreenletExit,
  Group,
  hub,
  joinall,
  Pool,
  PoolFull,
  run,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, expectSame, green, turns, untilKilled, watchFailures } from './green-harness.ts'

/** Group, Pool, and their maps. */
export function poolTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a pool')
  const fail = () => {
    throw failure
  }

  /** Ends after so many turns, and gives their number; throws if it is 0. */
  function* task(count: number): Green<number> {
    yield* turns(Math.max(1, count))
    if (count === 0) throw failure
    return count
  }

  green('Group: spawn, size, has, iteration; each leaves when it has ended', function* () {
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

  green('Group: add, start and discard', function* () {
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

  green(
    'Group: join waits no longer than its timeout, and for those who come meanwhile',
    function* () {
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
    },
  )

  green('Group: join with raiseError throws what one of them has thrown', function* () {
    const group = new Group()
    yield* group.spawn(fail)
    expect(yield* group.join()).toBe(true)
    yield* group.spawn(fail)
    expect(yield* caught(() => group.join(null, true))).toBe(failure)
  })

  green('Group: kill ends all, and waits until they have ended', function* () {
    const group = new Group()
    const greenlets = [yield* group.spawn(untilKilled), yield* group.spawn(untilKilled)]
    yield* sleep(0)
    const unborn = yield* group.spawn(untilKilled)
    expect(yield* group.kill()).toBe(true)
    expect(greenlets.map(({ value }) => value)).toEqual(['killed', 'killed'])
    expect(unborn.value).toBeInstanceOf(GreenletExit)
    expect(group.size).toBe(0)
  })

  green('Group: kill of those who have not begun', function* () {
    const group = new Group()
    const unborn = yield* group.spawn(untilKilled)
    expect(yield* group.kill()).toBe(true)
    expect([unborn.ready(), group.size]).toEqual([true, 0])
  })

  green('Group: kill waits no longer than its timeout, and kills nobody twice', function* () {
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

  green('Group: one that kills its own group ends too, after the others', function* () {
    const group = new Group()
    const killer = yield* group.spawn(() => group.kill())
    const other = yield* group.spawn(untilKilled)
    yield* group.join()
    expect(killer.value).toBeInstanceOf(GreenletExit)
    expect(other.ready()).toBe(true)
  })

  green('Group: killOne kills one of its own, and leaves others alone', function* () {
    const [group, other] = [new Group(), new Group()]
    const greenlet = yield* group.spawn(untilKilled)
    yield* sleep(0)
    expect(yield* other.killOne(greenlet)).toBe(false)
    expect(yield* group.killOne(greenlet)).toBe(true)
    expect([greenlet.value, group.size]).toEqual(['killed', 0])
    expect(yield* group.killOne(greenlet)).toBe(true)
  })

  green('Group: apply waits for the value or the exception', function* () {
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

  green('map: all values in their order, or the first exception', function* () {
    const group = new Group()
    expect(yield* group.map(task, [3, 1, 2])).toEqual([3, 1, 2])
    expect(yield* group.map(task, [])).toEqual([])
    expect(yield* group.map((text: string) => text.length, ['a', 'bb'])).toEqual([1, 2])
    expect(yield* caught(() => group.map(task, [1, 0, 2]))).toBe(failure)
  })

  green('imap: keeps the order of the items', function* () {
    const values: unknown[] = []
    yield* new Group().imap(task, [4, 1, 3]).each((value) => values.push(value))
    expect(values).toEqual([4, 1, 3])
  })

  green('imapUnordered: gives the order of completion', function* () {
    expect(yield* new Group().imapUnordered(task, [5, 1, 3]).toArray()).toEqual([1, 3, 5])
    expect(yield* new Pool(1).imapUnordered(task, [5, 1, 3]).toArray()).toEqual([5, 1, 3])
  })

  test.each([
    ['imap', [3, 'failed', 2, 'end', 'end']],
    ['imapUnordered', ['failed', 2, 3, 'end', 'end']],
  ] as const)('%s: throws at the turn of one that failed, and goes on past it', (name, expected) =>
    run(function* () {
      const results = new Group()[name](task, [3, 0, 2])
      const seen: unknown[] = []
      for (let i = 0; i < 5; i++) {
        try {
          const { done, value } = yield* results.next()
          seen.push(done ? 'end' : value)
        } catch (error) {
          seen.push(error === failure ? 'failed' : error)
        }
      }
      expect(seen).toEqual(expected)
    }),
  )

  green('imap: an iterable that throws does so at its turn, and is at its end then', function* () {
    const items = function* () {
      yield 2
      throw failure
    }
    const results = new Group().imap(task, items())
    expect(yield* results.next()).toEqual({ done: false, value: 2 })
    expect(yield* caught(() => results.next())).toBe(failure)
    expect((yield* results.next()).done).toBe(true)
  })

  green('imap: a reader that is killed or too late takes no result', function* () {
    const open = new Event()
    const body = function* (n: number) {
      yield* open.wait()
      return n
    }
    const results = new Group().imap(body, [3, 2])
    const timeout = new Timeout(0)
    expect(yield* caught(() => timeout.scope(() => results.next()))).toBe(timeout)
    const reader = spawn(() => results.next())
    yield* sleep(0)
    open.set()
    yield* reader.kill()
    expect(yield* results.toArray()).toEqual([3, 2])
  })

  green('imap: with a maxsize it starts no more than are unread', function* () {
    const started: number[] = []
    const results = new Group().imap((n: number) => started.push(n), [1, 2, 3, 4], 2)
    yield* turns(9)
    expect(started).toEqual([1, 2])
    yield* results.next()
    yield* turns(9)
    expect(started).toEqual([1, 2, 3])
    expect(yield* results.toArray()).toEqual([2, 3, 4])
    expect(() => new Group().imap(task, [], 0)).toThrow(RangeError)
  })

  green('imap: whoever reads beside another one gets the end as well', function* () {
    const results = new Group().imap(task, [1])
    const readers = [spawn(() => results.toArray()), spawn(() => results.toArray())]
    expect([yield* readers[0]!.get(), yield* readers[1]!.get()]).toEqual([[1], []])
  })

  green('Pool(2): the third waits, and is then served', function* () {
    const pool = new Pool(2)
    const [a] = [yield* pool.spawn(untilKilled), yield* pool.spawn(untilKilled)]
    expect([pool.full(), pool.freeCount(), pool.capacity]).toEqual([true, 0, 2])
    const third = spawn(() => pool.spawn(task, 1))
    yield* turns(5)
    expect(third.ready()).toBe(false)
    yield* a.kill()
    expect(yield* (yield* third.get() as Green<Greenlet>).get()).toBe(1)
    yield* pool.kill()
    expect([pool.full(), pool.freeCount()]).toEqual([false, 2])
  })

  green('Pool: one that throws gives its place back', function* () {
    const pool = new Pool(1)
    for (let i = 0; i < 5; i++) yield* pool.spawn(fail)
    yield* pool.join()
    expect(pool.freeCount()).toBe(1)
    expect(seen.failures).toHaveLength(5)
  })

  green('Pool: never more at a time than it has places', function* () {
    const pool = new Pool(3)
    let running = 0
    let most = 0
    const count = function* (n: number) {
      most = Math.max(most, ++running)
      yield* turns(n)
      running--
    }
    yield* pool.map(count, [3, 1, 4, 1, 5, 9, 2, 6])
    expect([most, running]).toEqual([3, 0])
  })

  green(
    'Pool: those who wait for a place are served in the order in which they came',
    function* () {
      const pool = new Pool(1)
      const trace: string[] = []
      const first = yield* pool.spawn(untilKilled)
      const spawners = ['a', 'b', 'c'].map((name) =>
        spawn(() => pool.spawn(() => trace.push(name))),
      )
      yield* turns(2)
      first.kill()
      yield* joinall(spawners)
      yield* pool.join()
      expect(trace).toEqual(['a', 'b', 'c'])
    },
  )

  green(
    'Pool: a place for a spawner that is killed in the same turn goes to the next',
    function* () {
      const pool = new Pool(1)
      const first = yield* pool.spawn(untilKilled)
      const [a, b] = [spawn(() => pool.spawn(task, 1)), spawn(() => pool.spawn(task, 2))]
      yield* turns(2)
      a.kill()
      pool.discard(first)
      expect(yield* (yield* b.get() as Green<Greenlet>).get()).toBe(2)
      yield* first.kill()
      expect(pool.freeCount()).toBe(1)
    },
  )

  green('Pool: add that does not wait, or not so long, throws PoolFull', function* () {
    const pool = new Pool(1)
    const [inside, outside] = [new Greenlet(untilKilled), new Greenlet(untilKilled)]
    pool.startNowait(inside)
    pool.addNowait(inside)
    expect(() => pool.addNowait(outside)).toThrow(PoolFull)
    expect(() => pool.startNowait(outside)).toThrow(PoolFull)
    expect(yield* caught(() => pool.add(outside, 0.001))).toBeInstanceOf(PoolFull)
    expect([pool.size, outside.started]).toEqual([1, false])
    yield* pool.kill()
  })

  green('Pool: the hub may start a greenlet', function* () {
    const pool = new Pool(1)
    const greenlet = new Greenlet(() => 'started by the hub')
    hub.runCallback(() => pool.startNowait(greenlet))
    expect(yield* greenlet.get()).toBe('started by the hub')
  })

  green('Pool: waitAvailable takes no place', function* () {
    const pool = new Pool(1)
    expect(yield* pool.waitAvailable()).toBe(1)
    const greenlet = yield* pool.spawn(untilKilled)
    expect(yield* pool.waitAvailable(0.001)).toBe(0)
    greenlet.kill()
    expect(yield* pool.waitAvailable()).toBe(1)
    expect(pool.full()).toBe(false)
  })

  green('Pool: two that wait until it is not full do not keep each other out', function* () {
    const pool = new Pool(1)
    const first = yield* pool.spawn(untilKilled)
    const comer = function* (n: number) {
      while (pool.full()) yield* pool.waitAvailable()
      pool.startNowait(new Greenlet(() => task(n)))
    }
    const comers = [spawn(comer, 1), spawn(comer, 2)]
    yield* turns(2)
    first.kill()
    expect(yield* joinall(comers, 1000)).toHaveLength(2)
    yield* pool.join()
  })

  green('Pool: kill ends those too who get in while it waits', function* () {
    const pool = new Pool(2)
    yield* pool.spawn(untilKilled)
    yield* pool.spawn(function* () {
      yield* untilKilled()
      yield* turns(9)
    })
    const late = spawn(() => pool.spawn(untilKilled))
    yield* turns(2)
    expect(yield* pool.kill()).toBe(true)
    expect(((yield* late.get()) as Greenlet).value).toBe('killed')
  })

  green('Pool: apply from inside a full pool runs in the place that is there', function* () {
    const pool = new Pool(1)
    const outer = yield* pool.spawn(() => pool.apply(() => pool.apply(task, [1]), []))
    expect(yield* outer.get()).toBe(1)
  })

  green('Pool: size null is unbounded, 0 is always full, negative is an error', function* () {
    const any = new Pool()
    for (let i = 0; i < 100; i++) yield* any.spawn(task, 1)
    expect([any.size, any.full(), any.capacity]).toEqual([100, false, null])
    expect([any.freeCount(), yield* any.waitAvailable()]).toEqual([Infinity, Infinity])
    const none = new Pool(0)
    expect([none.full(), none.freeCount()]).toEqual([true, 0])
    expect(() => none.addNowait(new Greenlet())).toThrow(PoolFull)
    expect(() => new Pool(-1)).toThrow(RangeError)
    yield* any.join()
  })
}
