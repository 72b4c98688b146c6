import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  Empty,
  type Green,
  type Greenlet,
  GreenletExit,
  idle,
  killall,
  Queue,
  run,
  Semaphore,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { turns } from './green-harness.ts'

type Step =
  | { readonly do: 'sleep' | 'put' | 'get' | 'get briefly' | 'hold' | 'spawn' }
  | { readonly do: 'kill'; readonly which: number }

const plain = ['sleep', 'put', 'get', 'hold', 'spawn'] as const

function steps(kinds: readonly Exclude<Step['do'], 'kill'>[]): fc.Arbitrary<Step[][]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: kinds.length, arbitrary: fc.record({ do: fc.constantFrom(...kinds) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), which: fc.nat(9) }) },
  )
  return fc.array(fc.array(step, { maxLength: 8 }), { minLength: 3, maxLength: 10 })
}

/**
 * Runs a program, which is the steps of each greenlet: three are started at first, the others by
 * the step `spawn`. All share a queue with two places and a semaphore with two permits.
 */
class Machine {
  readonly trace: string[] = []
  readonly queue = new Queue<string>(2)
  readonly semaphore = new Semaphore(2)
  readonly put: string[] = []
  readonly got: string[] = []
  /** The most permits that were in use at a time. */
  most = 0
  #held = 0
  readonly #program: readonly (readonly Step[])[]
  readonly #greenlets: Greenlet[] = []

  constructor(program: readonly (readonly Step[])[]) {
    this.#program = program
  }

  /** Runs the program until no greenlet can go on, and then kills those that wait. */
  *run(): Green<this> {
    for (let i = 0; i < 3; i++) this.#spawn()
    yield* idle()
    this.trace.push('nobody can go on')
    yield* killall(this.#greenlets)
    return this
  }

  #spawn(): void {
    const number = this.#greenlets.length
    const steps = this.#program[number]
    if (steps) this.#greenlets.push(spawn(() => this.#walk(number, steps)))
  }

  *#walk(number: number, steps: readonly Step[]): Green<void> {
    try {
      for (const [i, step] of steps.entries()) {
        yield* this.#take(step, `${number}.${i}`)
        this.trace.push(`${number}.${i} ${step.do}`)
      }
    } catch (error) {
      this.trace.push(`${number} ends: ${error}`)
      if (!(error instanceof GreenletExit) && !(error instanceof Empty)) throw error
    }
  }

  *#take(step: Step, name: string): Green<void> {
    if (step.do === 'sleep') yield* sleep(0)
    else if (step.do === 'spawn') this.#spawn()
    else if (step.do === 'hold') yield* this.semaphore.scope(() => this.#hold())
    else if (step.do === 'kill') this.#greenlets[step.which]?.kill()
    else if (step.do === 'put') {
      yield* this.queue.put(name)
      this.put.push(name)
    } else {
      const item = yield* this.queue.get(step.do === 'get' ? null : 0)
      this.got.push(item)
    }
  }

  *#hold(): Green<void> {
    this.most = Math.max(this.most, ++this.#held)
    try {
      yield* turns(2)
    } finally {
      this.#held--
    }
  }
}

/** What is true of every program, however it runs. */
export function orderTests(): void {
  test('the same program gives the same order of switches, on every run', () =>
    fc.assert(
      fc.asyncProperty(steps(plain), async (program) => {
        const first = await run(() => new Machine(program).run())
        const second = await run(() => new Machine(program).run())
        expect(second.trace).toEqual(first.trace)
      }),
      { numRuns: 100 },
    ))

  test('kills and timeouts lose, double or reorder no item and no permit', () =>
    fc.assert(
      fc.asyncProperty(steps([...plain, 'get briefly']), async (program) => {
        const { queue, semaphore, put, got, most } = await run(() => new Machine(program).run())
        const left: string[] = []
        while (!queue.empty()) left.push(queue.getNowait())
        expect([...got, ...left]).toEqual(put)
        expect(semaphore.counter).toBe(2)
        expect(most).toBeLessThanOrEqual(2)
      }),
      { numRuns: 100 },
    ))
}
