/** Threads as generators, and every order in which their steps can follow each other. */

/** What a thread wants to do next, at one place of the memory. */
export type Call = readonly [name: string, at: number, ...numbers: number[]]
export type Thread = Generator<Call, void, never>

const NAMES = ['load', 'store', 'add', 'sub', 'compareExchange', 'wait', 'notify'] as const

/** Steps of one thread. A right one comes to rest long before. */
const MOST_STEPS = 16

interface Running {
  readonly name: string
  readonly thread: Thread
  /** What it wants to do next; undefined: it has ended. */
  call: Call | undefined
  isAsleep: boolean
  /** The results so far: two runs of a thread with the same ones are at the same place. */
  readonly results: (number | undefined)[]
}

/** Threads that share a memory, each at some place of its program. */
export class World {
  /** What the threads are given: each call hands its wish to whoever runs the thread. */
  static readonly words: object = Object.fromEntries(
    NAMES.map((name) => [
      name,
      function* (...numbers: number[]): Generator<unknown, unknown, unknown> {
        return yield [name, ...numbers]
      },
    ]),
  )

  readonly memory: number[]
  readonly #threads: Running[]
  /** Those that sleep, in the order in which they are woken. */
  readonly #asleep: number[] = []

  constructor(memory: readonly number[], threads: readonly (readonly [string, () => Thread])[]) {
    this.memory = [...memory]
    this.#threads = threads.map(([name, start]) => {
      const thread = start()
      const { value, done } = thread.next()
      const call = done ? undefined : value || undefined
      return { name, thread, call, isAsleep: false, results: [] }
    })
  }

  /** The threads that can make a step. */
  get ready(): number[] {
    return this.#threads.flatMap(({ call, isAsleep }, i) => (call && !isAsleep ? [i] : []))
  }

  get canGoOn(): boolean {
    return this.ready.length > 0
  }

  isDone(i: number): boolean {
    return this.#threads[i]!.call === undefined
  }

  /** Whether a thread has made so many steps that it will never come to rest. */
  isEndless(i: number): boolean {
    return this.#threads[i]!.results.length > MOST_STEPS
  }

  /** Equal for two worlds that can't go on in different ways. */
  get key(): string {
    const threads = this.#threads.map(({ results, isAsleep }) => [results, isAsleep])
    return JSON.stringify([this.memory, this.#asleep, threads])
  }

  /** One step of a thread. Returns what it was, in words. */
  step(i: number): string {
    const running = this.#threads[i]!
    const [name, at, ...numbers] = running.call!
    const before = this.memory[at]!
    const result = this.#do(i, name, at, numbers)
    if (!running.isAsleep) this.#resume(running, result)
    const what = `${name}(${[at, ...numbers].join(', ')})`
    if (name === 'wait')
      return `${running.name}: ${what}, ${running.isAsleep ? 'and sleeps' : 'and goes on'}`
    if (name === 'notify') return `${running.name}: ${what} wakes ${result}`
    return `${running.name}: ${what} finds ${before}, and leaves ${this.memory[at]}`
  }

  #do(i: number, name: string, at: number, [first = 0, second = 0]: number[]): number | undefined {
    const before = this.memory[at]!
    if (name === 'notify') return this.#wake(first)
    if (name === 'store') this.memory[at] = first
    if (name === 'add') this.memory[at] = before + first
    if (name === 'sub') this.memory[at] = before - first
    if (name === 'compareExchange' && before === first) this.memory[at] = second
    if (name === 'wait' && before === first) {
      this.#threads[i]!.isAsleep = true
      this.#asleep.push(i)
    }
    return name === 'store' || name === 'wait' ? undefined : before
  }

  #wake(count: number): number {
    const woken = this.#asleep.splice(0, count)
    for (const i of woken) {
      this.#threads[i]!.isAsleep = false
      this.#resume(this.#threads[i]!, undefined)
    }
    return woken.length
  }

  #resume(running: Running, result: number | undefined): void {
    running.results.push(result)
    const { value, done } = running.thread.next(result as never)
    running.call = done ? undefined : value || undefined
  }
}

export interface Found {
  /** The steps that lead there. */
  readonly steps: readonly string[]
  /** What was expected, and what came. */
  readonly difference: [string, string]
}

/**
 * Runs the threads in every order. `differenceOf` looks at each world on the way.
 *
 * A generator can't be copied: each order is run from the beginning. An order that leads to a world
 * that has been seen already is not followed further.
 */
export function everySchedule(
  memory: readonly number[],
  threads: readonly (readonly [string, () => Thread])[],
  differenceOf: (world: World) => [string, string] | undefined,
): Found | undefined {
  const seen = new Set<string>()
  // The shortest orders come first, and so does the shortest one that goes wrong.
  const orders: number[][] = [[]]
  for (let next = 0; next < orders.length; next++) {
    const order = orders[next]!
    const world = new World(memory, threads)
    const steps = order.map((i) => world.step(i))
    if (seen.has(world.key)) continue
    seen.add(world.key)
    const difference = differenceOf(world)
    if (difference) return { steps, difference }
    for (const i of world.ready) {
      if (world.isEndless(i))
        return { steps, difference: ['threads that come to rest', 'one that never does'] }
      orders.push([...order, i])
    }
  }
  return undefined
}
