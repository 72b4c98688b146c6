import { expect, test } from 'vitest'
import {
  AsyncResult,
  Event,
  run,
  sleep,
  spawn,
  Timeout,
  wait,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, expectSame, green, turns } from './green-harness.ts'

/** Event and AsyncResult. */
export function eventTests(): void {
  green('Event: wait returns at once if the event is set, and waits if it is not', function* () {
    const event = new Event()
    expect([event.isSet(), event.ready()]).toEqual([false, false])
    const waiter = spawn(() => event.wait())
    yield* turns(3)
    expect(waiter.ready()).toBe(false)
    event.set()
    event.set()
    expect(event.isSet()).toBe(true)
    expect(yield* event.wait()).toBe(true)
    expect(yield* waiter.get()).toBe(true)
  })

  green('Event: wait returns false after its timeout', function* () {
    const event = new Event()
    expect(yield* event.wait(0.001)).toBe(false)
  })

  green('Event: set wakes greenlets in the order in which they wait', function* () {
    const event = new Event()
    const trace: number[] = []
    const waiters = [1, 2, 3].map((n) =>
      spawn(function* () {
        yield* event.wait()
        trace.push(n)
      }),
    )
    yield* sleep(0)
    event.set()
    yield* wait(waiters)
    expect(trace).toEqual([1, 2, 3])
  })

  test.each([1, 100, 1000])('Event: set, then clear wakes %d waiting greenlets', (count) =>
    run(function* () {
      const event = new Event()
      const waiters = Array.from({ length: count }, () => spawn(() => event.wait()))
      yield* sleep(0)
      event.set()
      event.clear()
      expect(event.isSet()).toBe(false)
      yield* turns(2)
      expect(waiters.filter(({ value }) => value === true)).toHaveLength(count)
      expect(yield* event.wait(0.001)).toBe(false)
    }),
  )

  green('Event: a wait that begins after clear is not woken by the set before it', function* () {
    const event = new Event()
    event.set()
    event.clear()
    expect(yield* event.wait(0.001)).toBe(false)
  })

  green('Event: wait returns true if set and clear come together with the timeout', function* () {
    const event = new Event()
    spawn(function* () {
      yield* sleep(0.005)
      event.set()
      event.clear()
    })
    yield* sleep(0)
    spawn(() => block(0.01))
    expect(yield* event.wait(0.005)).toBe(true)
  })

  green('Event: can be linked, and waited for among other objects', function* () {
    const [first, second] = [new Event(), new Event()]
    const told: Event[] = []
    first.link((event) => told.push(event))
    spawn(() => first.set())
    expectSame(yield* wait([second, first], null, 1), [first])
    expectSame(told, [first])
  })

  green('AsyncResult: gives its value to all readers that wait, and to later ones', function* () {
    const result = new AsyncResult<string>()
    expect([result.ready(), result.successful(), result.value]).toEqual([false, false, undefined])
    const readers = [spawn(() => result.get()), spawn(() => result.wait())]
    yield* sleep(0)
    result.set('value')
    expect([result.ready(), result.successful(), result.value]).toEqual([true, true, 'value'])
    expect(result.exception).toBeUndefined()
    for (const reader of readers) expect(yield* reader.get()).toBe('value')
    expect(yield* result.get()).toBe('value')
    expect(result.getNowait()).toBe('value')
  })

  green('AsyncResult: may hold an exception, which get throws and wait does not', function* () {
    const result = new AsyncResult<string>()
    const failure = new Error('in place of a value')
    const reader = spawn(() => caught(() => result.get()))
    const waiter = spawn(() => result.wait())
    yield* sleep(0)
    result.setException(failure)
    expect([result.ready(), result.successful(), result.value]).toEqual([true, false, undefined])
    expect(result.exception).toBe(failure)
    expect(yield* reader.get()).toBe(failure)
    expect(yield* waiter.get()).toBeUndefined()
    expect(() => result.getNowait()).toThrow(failure)
  })

  green('AsyncResult: after its timeout get throws, and wait returns undefined', function* () {
    const result = new AsyncResult<string>()
    expect(() => result.getNowait()).toThrow(Timeout)
    expect(yield* caught(() => result.get(0.001))).toBeInstanceOf(Timeout)
    expect(yield* result.wait(0.001)).toBeUndefined()
    result.set('late')
    expect(yield* result.get()).toBe('late')
  })

  green('AsyncResult: undefined is a value, and the last set counts', function* () {
    const result = new AsyncResult<string | undefined>()
    result.set(undefined)
    expect(result.successful()).toBe(true)
    expect(yield* result.get()).toBeUndefined()
    result.setException(new Error('of the first'))
    result.set('second')
    expect(yield* result.get()).toBe('second')
    expect(result.exception).toBeUndefined()
  })

  green('AsyncResult: a reader that is killed leaves the value to others', function* () {
    const result = new AsyncResult<string>()
    const [first, second] = [spawn(() => result.get()), spawn(() => result.get())]
    yield* sleep(0)
    first.kill()
    result.set('value')
    expect(yield* second.get()).toBe('value')
    expect(first.successful()).toBe(true)
    expect(first.value).not.toBe('value')
  })
}
