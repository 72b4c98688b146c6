import { expect, vi } from 'vitest'
import {
  Greenlet,
  GreenletExit,
  getcurrent,
  joinall,
  killall,
  sleep,
  spawn,
  spawnLater,
} from '../../servers/07-green-threads/gevent.ts'
import { expectSame, green, untilKilled, watchFailures } from './green-harness.ts'

/** A greenlet that is killed, and killall. */
export function killTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a greenlet')

  green('kill: throws GreenletExit in the greenlet, which counts as success', function* () {
    const greenlet = spawn(() => sleep(1000))
    yield* sleep(0)
    expect(yield* greenlet.kill()).toBe(true)
    expect(greenlet.successful()).toBe(true)
    expect(greenlet.value).toBeInstanceOf(GreenletExit)
    expect(greenlet.exception).toBeUndefined()
    expect(yield* greenlet.get()).toBeInstanceOf(GreenletExit)
    expect(seen.failures).toEqual([])
  })

  green('kill: with an exception of your own the greenlet fails', function* () {
    const greenlet = spawn(() => sleep(1000))
    yield* sleep(0)
    yield* greenlet.kill(failure)
    expect([greenlet.successful(), greenlet.exception]).toEqual([false, failure])
  })

  green('kill: a greenlet may catch it and go on', function* () {
    const greenlet = spawn(function* () {
      const end = yield* untilKilled()
      yield* sleep(0)
      return `${end}, but it went on`
    })
    yield* sleep(0)
    yield* greenlet.kill()
    expect(greenlet.value).toBe('killed, but it went on')
  })

  green('kill: does not wait without yield*', function* () {
    const greenlet = spawn(untilKilled)
    yield* sleep(0)
    greenlet.kill()
    expect(greenlet.ready()).toBe(false)
    yield* sleep(0)
    expect(greenlet.value).toBe('killed')
  })

  green('kill: waits no longer than its timeout', function* () {
    const greenlet = spawn(function* () {
      yield* untilKilled()
      yield* sleep(0.02)
    })
    yield* sleep(0)
    expect(yield* greenlet.kill(undefined, 0.005)).toBe(false)
    expect(yield* greenlet.join()).toBe(true)
  })

  green('kill: a greenlet that kills itself ends there', function* () {
    const after = vi.fn()
    const greenlet = spawn(function* () {
      yield* sleep(0)
      getcurrent().kill()
      after()
    })
    expect(yield* greenlet.get()).toBeInstanceOf(GreenletExit)
    expect(after).not.toHaveBeenCalled()
  })

  green('kill: changes nothing for a greenlet that has ended', function* () {
    const greenlet = spawn(() => 'value')
    yield* greenlet.join()
    expect(yield* greenlet.kill(failure)).toBe(true)
    expect(greenlet.value).toBe('value')
  })

  green('kill: a greenlet that has not started never runs, but its links are called', function* () {
    const body = vi.fn()
    const link = vi.fn()
    const greenlets = [new Greenlet(body), spawn(body), spawnLater(0.001, body)]
    for (const greenlet of greenlets) greenlet.link(link)
    yield* killall(greenlets)
    greenlets[0]!.start()
    yield* sleep(0.01)
    expect(body).not.toHaveBeenCalled()
    expectSame(link.mock.calls.flat(), greenlets)
    for (const greenlet of greenlets) expect(greenlet.successful()).toBe(true)
  })

  green('killall: ends all greenlets, also one that waits for another of them', function* () {
    const first = spawn(untilKilled)
    const second = spawn(() => first.join())
    yield* sleep(0)
    expect(yield* killall([first, second])).toHaveLength(2)
    expect(first.value).toBe('killed')
    expect(second.successful()).toBe(true)
  })

  green('killall: a greenlet may kill itself among others, and ends after them', function* () {
    const other = spawn(untilKilled)
    const killer: Greenlet = spawn(() => killall([killer, other]))
    yield* joinall([killer, other])
    expect(other.value).toBe('killed')
    expect(killer.value).toBeInstanceOf(GreenletExit)
  })
}
