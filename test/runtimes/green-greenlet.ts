import { expect, test, vi } from 'vitest'
import {
  Greenlet,
  GreenletExit,
  getcurrent,
  hub,
  idle,
  joinall,
  killall,
  run,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
} from '../../servers/07-green-threads/gevent.ts'
import {
  block,
  caught,
  expectSame,
  green,
  turns,
  untilKilled,
  watchFailures,
} from './green-harness.ts'

/** Greenlet, and the functions that wait for several. */
export function greenletTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green(
    'spawn: passes arguments, runs a generator or a plain function, gives its value',
    function* () {
      const waits = spawn(
        function* (a: number, b: number) {
          yield* sleep(0)
          return a + b
        },
        1,
        2,
      )
      const plain = Greenlet.spawn((text: string) => text.toUpperCase(), 'done')
      expect(yield* waits.get()).toBe(3)
      expect(yield* plain.get()).toBe('DONE')
    },
  )

  green('spawn: nothing runs before the next wait, then in the order of spawning', function* () {
    const trace: string[] = []
    for (const name of ['a', 'b', 'c']) spawn(() => trace.push(name))
    expect(trace).toEqual([])
    yield* sleep(0)
    expect(trace).toEqual(['a', 'b', 'c'])
  })

  green('spawnLater: starts in its time, in the order of the times', function* () {
    const trace: string[] = []
    const late = spawnLater(0.03, () => trace.push('late'))
    const soon = spawnLater(0.01, () => trace.push('soon'))
    expect(late.started).toBe(true)
    yield* joinall([late, soon])
    expect(trace).toEqual(['soon', 'late'])
  })

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

  green('states: started, ready, successful, value, exception of a success', function* () {
    const greenlet = new Greenlet(() => 'value')
    const states = () => [greenlet.started, greenlet.ready(), greenlet.successful(), greenlet.value]
    expect(states()).toEqual([false, false, false, undefined])
    greenlet.start()
    greenlet.start()
    expect(states()).toEqual([true, false, false, undefined])
    yield* greenlet.join()
    expect(states()).toEqual([false, true, true, 'value'])
    expect(greenlet.exception).toBeUndefined()
  })

  green('states: a failure stays in its greenlet, and get throws it', function* () {
    const greenlet = spawn(fail)
    expect(yield* greenlet.join()).toBe(true)
    expect([greenlet.ready(), greenlet.successful(), greenlet.value]).toEqual([
      true,
      false,
      undefined,
    ])
    expect(greenlet.exception).toBe(failure)
    expect(seen.failures).toEqual([failure])
    expect(yield* caught(() => greenlet.get())).toBe(failure)
  })

  green('a subclass with run', function* () {
    class Adder extends Greenlet<number> {
      readonly #terms: number[]

      constructor(terms: number[]) {
        super()
        this.#terms = terms
      }

      override *run() {
        yield* sleep(0)
        return this.#terms.reduce((sum, term) => sum + term)
      }
    }
    const adder = new Adder([1, 2, 3])
    adder.start()
    expect(yield* adder.get()).toBe(6)
  })

  green('a greenlet without a function fails', function* () {
    const greenlet = new Greenlet()
    greenlet.start()
    expect(yield* caught(() => greenlet.get())).toBeInstanceOf(TypeError)
  })

  green('join and get with a timeout: false, and a Timeout', function* () {
    const greenlet = spawn(untilKilled)
    expect(yield* greenlet.join(0.01)).toBe(false)
    expect(yield* caught(() => greenlet.get(0.01))).toBeInstanceOf(Timeout)
    greenlet.kill()
    expect(yield* greenlet.get()).toBe('killed')
  })

  green('get waits for a greenlet that is not started yet', function* () {
    const greenlet = new Greenlet(() => 'value')
    const reader = spawn(() => greenlet.get())
    yield* turns(3)
    expect(reader.ready()).toBe(false)
    greenlet.start()
    expect(yield* reader.get()).toBe('value')
  })

  green('kill: arrives as GreenletExit, which counts as success', function* () {
    const greenlet = spawn(() => sleep(1000))
    yield* sleep(0)
    expect(yield* greenlet.kill()).toBe(true)
    expect(greenlet.successful()).toBe(true)
    expect(greenlet.value).toBeInstanceOf(GreenletExit)
    expect(greenlet.exception).toBeUndefined()
    expect(yield* greenlet.get()).toBeInstanceOf(GreenletExit)
    expect(seen.failures).toEqual([])
  })

  green('kill: with an exception of your own it is a failure', function* () {
    const greenlet = spawn(() => sleep(1000))
    yield* sleep(0)
    yield* greenlet.kill(failure)
    expect([greenlet.successful(), greenlet.exception]).toEqual([false, failure])
  })

  green('kill: may be caught, and then it goes on', function* () {
    const greenlet = spawn(function* () {
      const end = yield* untilKilled()
      yield* sleep(0)
      return `${end}, but it went on`
    })
    yield* sleep(0)
    yield* greenlet.kill()
    expect(greenlet.value).toBe('killed, but it went on')
  })

  green('kill: without yield* it does not wait', function* () {
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

  green('kill: one that kills itself ends there', function* () {
    const after = vi.fn()
    const greenlet = spawn(function* () {
      yield* sleep(0)
      getcurrent().kill()
      after()
    })
    expect(yield* greenlet.get()).toBeInstanceOf(GreenletExit)
    expect(after).not.toHaveBeenCalled()
  })

  green('kill: of one that has ended changes nothing', function* () {
    const greenlet = spawn(() => 'value')
    yield* greenlet.join()
    expect(yield* greenlet.kill(failure)).toBe(true)
    expect(greenlet.value).toBe('value')
  })

  green('kill: before its start it never runs, but its links fire', function* () {
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

  green(
    'link, linkValue, linkException: told once, each of its kind, in their order',
    function* () {
      const told: string[] = []
      for (const [name, body] of [
        ['good', () => 1],
        ['bad', fail],
      ] as const) {
        const greenlet: Greenlet = spawn(body)
        greenlet.linkException(() => told.push(`${name} exception`))
        greenlet.link(() => told.push(`${name} end`))
        greenlet.linkValue(() => told.push(`${name} value`))
      }
      yield* turns(3)
      expect(told).toEqual(['good end', 'good value', 'bad exception', 'bad end'])
    },
  )

  green('link: to one that has ended is told soon; an unlinked one is not', function* () {
    const link = vi.fn()
    const never = vi.fn()
    const greenlet = spawn(() => {})
    greenlet.link(never)
    greenlet.unlink(never)
    yield* greenlet.join()
    greenlet.link(link)
    expect(link).not.toHaveBeenCalled()
    yield* turns(2)
    expect(link).toHaveBeenCalledExactlyOnceWith(greenlet)
    greenlet.link(never)
    greenlet.unlink(never)
    yield* turns(2)
    expect(never).not.toHaveBeenCalled()
  })

  green('link: one that throws hurts nobody else', function* () {
    const link = vi.fn()
    const greenlet = spawn(() => {})
    greenlet.link(fail)
    greenlet.link(link)
    yield* turns(2)
    expect(link).toHaveBeenCalledOnce()
    expect(seen.failures).toEqual([failure])
  })

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

  green('killall: all end, also one that waits for another of them', function* () {
    const first = spawn(untilKilled)
    const second = spawn(() => first.join())
    yield* sleep(0)
    expect(yield* killall([first, second])).toHaveLength(2)
    expect(first.value).toBe('killed')
    expect(second.successful()).toBe(true)
  })

  green('killall: one that is among them ends last, and ends the others', function* () {
    const other = spawn(untilKilled)
    const killer: Greenlet = spawn(() => killall([killer, other]))
    yield* joinall([killer, other])
    expect(other.value).toBe('killed')
    expect(killer.value).toBeInstanceOf(GreenletExit)
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

  green('getcurrent: who runs, and nobody in the hub', function* () {
    const greenlet: Greenlet = spawn(() => getcurrent())
    expect(yield* greenlet.get()).toBe(greenlet)
    let error: unknown
    hub.runCallback(() => {
      try {
        getcurrent()
      } catch (thrown) {
        error = thrown
      }
    })
    yield* turns(2)
    expect(error).toBeInstanceOf(Error)
  })

  green('a greenlet can not be resumed by another one', function* () {
    const greenlet = spawn(untilKilled)
    yield* sleep(0)
    expect(() => greenlet.switch()).toThrow('resumed by the hub')
    yield* greenlet.kill()
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

  test('run: settles as its greenlet ends', async () => {
    await expect(run(fail)).rejects.toBe(failure)
    await expect(
      run(function* () {
        yield* sleep(0)
        return 'value'
      }),
    ).resolves.toBe('value')
  })

  test('an uncaught exception is shown on stderr', async () => {
    vi.mocked(hub.handleError).mockRestore()
    const shown = vi.spyOn(console, 'error').mockReturnValue()
    await run(function* () {
      yield* spawn(fail).join()
    })
    expect(shown.mock.calls[0]).toEqual([failure])
    expect(shown.mock.calls[1]?.[0]).toMatch(/^Greenlet \d+ failed$/)
    shown.mockRestore()
  })
}
