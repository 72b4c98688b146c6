import { expect } from 'vitest'
import {
  type Green,
  Greenlet,
  hub,
  joinall,
  Pool,
  PoolFull,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, turns, untilKilled, watchFailures } from './green-harness.ts'
import { fail, task } from './green-pool-harness.ts'

/** Pool: a group with a limit. */
export function poolTests(): void {
  const seen = watchFailures()

  green('Pool(2): the third spawn waits until a place is free', function* () {
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

  green('Pool: a greenlet that throws gives its place back', function* () {
    const pool = new Pool(1)
    for (let i = 0; i < 5; i++) yield* pool.spawn(fail)
    yield* pool.join()
    expect(pool.freeCount()).toBe(1)
    expect(seen.failures).toHaveLength(5)
  })

  green('Pool: never runs more greenlets at a time than it has places', function* () {
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

  green('Pool: spawns that wait for a place get it in the order in which they came', function* () {
    const pool = new Pool(1)
    const trace: string[] = []
    const first = yield* pool.spawn(untilKilled)
    const spawners = ['a', 'b', 'c'].map((name) => spawn(() => pool.spawn(() => trace.push(name))))
    yield* turns(2)
    first.kill()
    yield* joinall(spawners)
    yield* pool.join()
    expect(trace).toEqual(['a', 'b', 'c'])
  })

  green('Pool: if a spawn is killed as its place comes, the next spawn takes it', function* () {
    const pool = new Pool(1)
    const first = yield* pool.spawn(untilKilled)
    const [a, b] = [spawn(() => pool.spawn(task, 1)), spawn(() => pool.spawn(task, 2))]
    yield* turns(2)
    a.kill()
    pool.discard(first)
    expect(yield* (yield* b.get() as Green<Greenlet>).get()).toBe(2)
    yield* first.kill()
    expect(pool.freeCount()).toBe(1)
  })

  green('Pool: add to a full pool throws PoolFull, at once or after a timeout', function* () {
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

  green('Pool: waitAvailable waits for a place and does not take it', function* () {
    const pool = new Pool(1)
    expect(yield* pool.waitAvailable()).toBe(1)
    const greenlet = yield* pool.spawn(untilKilled)
    expect(yield* pool.waitAvailable(0.001)).toBe(0)
    greenlet.kill()
    expect(yield* pool.waitAvailable()).toBe(1)
    expect(pool.full()).toBe(false)
  })

  green('Pool: two greenlets that wait with waitAvailable both get a place', function* () {
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

  green('Pool: kill also ends greenlets that get a place while it waits', function* () {
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

  green('Pool: apply inside a full pool runs in the place of its caller', function* () {
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
