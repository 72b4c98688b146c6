import { expect, onTestFinished, test, vi } from 'vitest'
import { hub, idle, joinall, sleep, spawn } from '../../servers/07-green-threads/gevent.ts'
import { green, turns } from './green-harness.ts'

/** The hub, and the functions that give way to it. */
export function hubTests(): void {
  green('sleep(0) gives way: two greenlets alternate', function* () {
    const trace: string[] = []
    const walker = function* (name: string) {
      for (let step = 1; step <= 3; step++) {
        trace.push(`${name}${step}`)
        yield* sleep(0)
      }
    }
    yield* joinall([spawn(walker, 'a'), spawn(walker, 'b')])
    expect(trace).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'b3'])
  })

  green('sleep: takes at least its time', function* () {
    const start = performance.now()
    yield* sleep(0.02)
    // Node's timers count whole milliseconds.
    expect(performance.now() - start).toBeGreaterThan(18)
  })

  green('idle: waits until no other greenlet can run, even one spawned meanwhile', function* () {
    const trace: string[] = []
    const worker = function* (name: string) {
      yield* turns(5)
      trace.push(name)
    }
    spawn(worker, 'before')
    spawn(() => spawn(worker, 'later'))
    yield* idle()
    trace.push('idle')
    expect(trace).toEqual(['before', 'later', 'idle'])
  })

  green('idle: two greenlets may wait in it, and a kill of a third does no harm', function* () {
    const killed = spawn(idle)
    const both = [spawn(idle), spawn(idle)]
    yield* sleep(0)
    yield* killed.kill()
    expect(yield* joinall(both)).toHaveLength(2)
    yield* idle()
  })

  green('a callback that the hub has not called yet can be cancelled', function* () {
    const callback = vi.fn()
    hub.runCallback(callback).cancel()
    hub.after(0.001, callback).cancel()
    yield* sleep(0.01)
    expect(callback).not.toHaveBeenCalled()
  })

  green('a greenlet that gives way for ever does not hold up timers', function* () {
    const busy = spawn(function* () {
      for (;;) yield* sleep(0)
    })
    yield* sleep(0.01)
    yield* busy.kill()
  })

  green('a handleError that throws holds up no other callback and no join', function* () {
    const failure = new Error('on purpose')
    const fail = () => {
      throw failure
    }
    const shown = vi.spyOn(console, 'error').mockImplementation(() => {})
    const told = vi.spyOn(hub, 'handleError').mockImplementation(fail)
    const callback = vi.fn()
    hub.runCallback(fail)
    const failing = spawn(fail)
    hub.runCallback(callback)
    expect(yield* failing.join(2)).toBe(true)
    expect(callback).toHaveBeenCalledOnce()
    expect(shown.mock.calls).toEqual([[failure], [failure]])
    shown.mockRestore()
    told.mockRestore()
  })

  test('a wait that is longer than Node’s timers are ends at its time', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const days = 24 * 60 * 60
    const [callback, never] = [vi.fn(), vi.fn()]
    hub.after(60 * days, callback)
    const cancelled = hub.after(60 * days, never)
    hub.after(Number.POSITIVE_INFINITY, never)
    vi.advanceTimersByTime(59 * days * 1000)
    expect(callback).not.toHaveBeenCalled()
    cancelled.cancel()
    vi.advanceTimersByTime(days * 1000)
    expect(callback).toHaveBeenCalledOnce()
    expect(never).not.toHaveBeenCalled()
  })
}
