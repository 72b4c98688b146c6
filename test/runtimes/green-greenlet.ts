import { expect, test, vi } from 'vitest'
import {
  Greenlet,
  getcurrent,
  hub,
  joinall,
  run,
  sleep,
  spawn,
  spawnLater,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, turns, untilKilled, watchFailures } from './green-harness.ts'

/** Greenlet: its start, its states, and its end. */
export function greenletTests(): void {
  const seen = watchFailures()
  const failure = new Error('from a greenlet')
  const fail = () => {
    throw failure
  }

  green('spawn: runs a generator or a function with arguments; get gives its value', function* () {
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
  })

  green('spawn: greenlets start at the next wait, in the order of spawning', function* () {
    const trace: string[] = []
    for (const name of ['a', 'b', 'c']) spawn(() => trace.push(name))
    expect(trace).toEqual([])
    yield* sleep(0)
    expect(trace).toEqual(['a', 'b', 'c'])
  })

  green('spawnLater: greenlets start after their delays, the shortest first', function* () {
    const trace: string[] = []
    const late = spawnLater(0.03, () => trace.push('late'))
    const soon = spawnLater(0.01, () => trace.push('soon'))
    expect(late.started).toBe(true)
    yield* joinall([late, soon])
    expect(trace).toEqual(['soon', 'late'])
  })

  green('states: a success before its start, before its end, and after it', function* () {
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

  green('a subclass may override run', function* () {
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

  green('after its timeout join returns false, and get throws a Timeout', function* () {
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

  green('getcurrent: returns the greenlet that runs, and throws in the hub', function* () {
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

  green('a greenlet cannot be resumed by another greenlet', function* () {
    const greenlet = spawn(untilKilled)
    yield* sleep(0)
    expect(() => greenlet.switch()).toThrow('resumed by the hub')
    yield* greenlet.kill()
  })

  test('run: returns a promise that settles with the end of its greenlet', async () => {
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
