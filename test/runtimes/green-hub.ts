import { expect, vi } from 'vitest'
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

  green('sleep: by time, not before it', function* () {
    const start = performance.now()
    yield* sleep(0.02)
    // Node's timers count whole milliseconds.
    expect(performance.now() - start).toBeGreaterThan(18)
  })

  green('idle: waits until nobody else can run, whoever was there first', function* () {
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

  green('idle: in two greenlets at a time, and in one that is killed', function* () {
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

  green('greenlets that wake each other for ever starve no timer', function* () {
    const busy = spawn(function* () {
      for (;;) yield* sleep(0)
    })
    yield* sleep(0.01)
    yield* busy.kill()
  })
}
