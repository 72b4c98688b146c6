import { expect, test } from 'vitest'
import {
  BoundedSemaphore,
  type Greenlet,
  GreenletExit,
  hub,
  joinall,
  killall,
  RLock,
  Semaphore,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green, turns } from './green-harness.ts'

/** Semaphore, BoundedSemaphore and RLock. */
export function lockTests(): void {
  /** A greenlet that acquires a permit, records its name, and keeps the permit. */
  function taker(semaphore: Semaphore, trace: string[], name: string): Greenlet<boolean> {
    return spawn(function* () {
      const taken = yield* semaphore.acquire()
      trace.push(name)
      return taken
    })
  }

  green('Semaphore: admits a greenlet for each permit, and the next at a release', function* () {
    const semaphore = new Semaphore(2)
    let inside = 0
    let most = 0
    const body = function* () {
      inside++
      most = Math.max(most, inside)
      yield* turns(2)
      inside--
    }
    const workers = Array.from({ length: 7 }, () => spawn(() => semaphore.scope(body)))
    yield* joinall(workers)
    expect([most, inside, semaphore.counter]).toEqual([2, 0, 2])
  })

  green('Semaphore: counter and locked show its state; acquireNowait never waits', function* () {
    const semaphore = new Semaphore(1)
    expect([semaphore.counter, semaphore.locked()]).toEqual([1, false])
    expect(semaphore.acquireNowait()).toBe(true)
    expect([semaphore.counter, semaphore.locked()]).toEqual([0, true])
    expect(semaphore.acquireNowait()).toBe(false)
    expect(yield* semaphore.acquire(0.001)).toBe(false)
    semaphore.release()
    semaphore.release()
    expect(semaphore.counter).toBe(2)
  })

  test.each([-1, 0.5, Number.NaN])('Semaphore: %d permits are refused', (value) => {
    expect(() => new Semaphore(value)).toThrow(RangeError)
  })

  green('Semaphore: is fair: a greenlet that comes later does not overtake', function* () {
    const semaphore = new Semaphore(0)
    const trace: string[] = []
    const first = taker(semaphore, trace, 'first')
    yield* sleep(0)
    semaphore.release()
    // The permit is free, and the first greenlet, which will get it, has not run yet.
    expect([semaphore.counter, semaphore.locked(), semaphore.acquireNowait()]).toEqual([
      1,
      true,
      false,
    ])
    const second = spawn(function* () {
      yield* semaphore.acquire()
      trace.push('second')
    })
    yield* turns(3)
    expect(trace).toEqual(['first'])
    semaphore.release()
    yield* joinall([first, second])
    expect(trace).toEqual(['first', 'second'])
  })

  green('Semaphore: a greenlet that acquires again goes to the end of the line', function* () {
    const semaphore = new Semaphore(1)
    const trace: string[] = []
    const worker = function* (name: string) {
      for (let round = 1; round <= 3; round++) {
        yield* semaphore.acquire()
        trace.push(`${name}${round}`)
        yield* sleep(0)
        semaphore.release()
      }
    }
    yield* joinall([spawn(worker, 'a'), spawn(worker, 'b')])
    expect(trace).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  })

  green('Semaphore: if an acquire is killed as its permit comes, the next takes it', function* () {
    const semaphore = new Semaphore(0)
    const trace: string[] = []
    const [a, b] = [taker(semaphore, trace, 'a'), taker(semaphore, trace, 'b')]
    yield* sleep(0)
    a.kill()
    semaphore.release()
    expect(yield* b.get()).toBe(true)
    expect(trace).toEqual(['b'])
    expect(semaphore.counter).toBe(0)
  })

  green('Semaphore: a kill after the acquire gives the permit back', function* () {
    const semaphore = new Semaphore(0)
    const a = spawn(() => semaphore.scope(() => sleep(1000)))
    const b = taker(semaphore, [], 'b')
    yield* sleep(0)
    semaphore.release()
    a.kill()
    expect(yield* b.get()).toBe(true)
    expect(semaphore.counter).toBe(0)
  })

  green('Semaphore: if an acquire times out as its permit comes, the next takes it', function* () {
    const semaphore = new Semaphore(0)
    spawn(function* () {
      yield* sleep(0.005)
      semaphore.release()
    })
    yield* sleep(0)
    spawn(() => block(0.01))
    expect(yield* semaphore.acquire(0.005)).toBe(false)
    expect(yield* semaphore.acquire(1000)).toBe(true)
  })

  green('Semaphore: wait waits for a permit and does not take it', function* () {
    const semaphore = new Semaphore(0)
    expect(yield* semaphore.wait(0.001)).toBe(0)
    const waiters = [spawn(() => semaphore.wait()), spawn(() => semaphore.wait())]
    yield* sleep(0)
    semaphore.release()
    for (const waiter of waiters) expect(yield* waiter.get()).toBe(1)
    expect(yield* semaphore.wait()).toBe(1)
  })

  green('Semaphore: wait ends with a permit that no acquire in the line takes', function* () {
    const semaphore = new Semaphore(0)
    const watcher = spawn(() => semaphore.wait())
    const a = taker(semaphore, [], 'a')
    yield* sleep(0)
    semaphore.release()
    yield* turns(3)
    expect([a.ready(), watcher.ready()]).toEqual([true, false])
    const b = taker(semaphore, [], 'b')
    yield* sleep(0)
    b.kill()
    semaphore.release()
    expect(yield* watcher.get()).toBe(1)
  })

  green('Semaphore: wait ends if the last acquire in the line is killed', function* () {
    const semaphore = new Semaphore(0)
    const taker = spawn(function* () {
      yield* sleep(0)
      yield* semaphore.acquire()
    })
    spawn(function* () {
      yield* sleep(0)
      taker.kill()
      semaphore.release()
    })
    const watcher = spawn(() => semaphore.wait())
    yield* sleep(0)
    // The semaphore must look at the watcher before the kill comes, and at the line after it.
    semaphore.release()
    semaphore.acquireNowait()
    expect(yield* watcher.join(1000)).toBe(true)
    expect([semaphore.counter, taker.value instanceof GreenletExit]).toEqual([1, true])
  })

  green('Semaphore: scope returns the value, and releases after a failure too', function* () {
    const semaphore = new Semaphore(1)
    expect(yield* semaphore.scope(() => spawn(() => 'value').get())).toBe('value')
    const failure = new Error('inside')
    const failing = function* () {
      yield* sleep(0)
      throw failure
    }
    expect(yield* caught(() => semaphore.scope(failing))).toBe(failure)
    expect(semaphore.counter).toBe(1)
  })

  green('Semaphore: a scope that got no permit releases none', function* () {
    const semaphore = new Semaphore(0)
    using timeout = Timeout.startNew(0.001)
    expect(yield* caught(() => semaphore.scope(() => sleep(0)))).toBe(timeout)
    expect(semaphore.counter).toBe(0)
  })

  green('Semaphore: the hub may release it', function* () {
    const semaphore = new Semaphore(0)
    hub.after(0.001, () => semaphore.release())
    expect(yield* semaphore.acquire()).toBe(true)
  })

  green('Semaphore: two greenlets that wake each other for ever hold up no timer', function* () {
    const [ping, pong] = [new Semaphore(1), new Semaphore(0)]
    const player = function* (mine: Semaphore, other: Semaphore) {
      for (;;) {
        yield* mine.acquire()
        other.release()
      }
    }
    const players = [spawn(player, ping, pong), spawn(player, pong, ping)]
    yield* sleep(0.005)
    yield* killall(players)
  })

  green('BoundedSemaphore: throws when released too often', function* () {
    const semaphore = new BoundedSemaphore(1)
    expect(() => semaphore.release()).toThrow(RangeError)
    yield* semaphore.acquire()
    semaphore.release()
    expect(() => semaphore.release()).toThrow('released more often than acquired')
    expect(semaphore.counter).toBe(1)
  })

  green('RLock: its owner may take it again, others wait for the last release', function* () {
    const lock = new RLock()
    const trace: string[] = []
    const other = spawn(() => lock.scope(() => trace.push('other')))
    yield* lock.scope(function* () {
      yield* lock.acquire()
      expect(lock.acquireNowait()).toBe(true)
      lock.release()
      yield* turns(2)
      lock.release()
      yield* turns(2)
      trace.push('owner')
    })
    expect(lock.owner).toBeUndefined()
    yield* other.join()
    expect(trace).toEqual(['owner', 'other'])
    expect(lock.locked()).toBe(false)
  })

  green('RLock: only its owner can release it', function* () {
    const lock = new RLock()
    yield* lock.acquire()
    const other = spawn(function* () {
      expect(() => lock.release()).toThrow('only its owner')
      expect(lock.acquireNowait()).toBe(false)
      return yield* lock.acquire(0.001)
    })
    expect(yield* other.get()).toBe(false)
    lock.release()
    expect(() => lock.release()).toThrow('only its owner')
  })
}
