import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

type Green = Generator<unknown, void>

interface Greenlet {
  readonly error: unknown
  join(): Green
}

interface Hub {
  spawn(body: () => Green): Greenlet
  sleep(seconds: number): Green
  run(): void
}

interface Submission {
  readonly Hub: new (clock: Clock) => Hub
}

type Note = (step: string) => void

/** More turns than any case needs. */
const MOST_STEPS = 100

/** It goes on only when somebody blocks the thread, or computes. */
class Clock {
  #now = 0
  readonly #note: Note

  constructor(note: Note) {
    this.#note = note
  }

  seconds(): number {
    return this.#now
  }

  block(seconds: number): void {
    if (!(seconds >= 0 && seconds < 1000)) throw new Broken('a time to wait', `${seconds} s`)
    this.#note(`at ${this.#now} s: the real thread blocks for ${seconds} s`)
    this.#now += seconds
  }

  compute(seconds: number): void {
    this.#now += seconds
  }
}

/** A hub, and what its green threads have said, in order. */
class Bench {
  readonly clock: Clock
  readonly hub: Hub
  readonly #said: string[] = []
  readonly #note: Note

  constructor(submission: Submission, note: Note) {
    this.#note = note
    this.clock = new Clock(note)
    this.hub = new submission.Hub(this.clock)
  }

  say(what: string): void {
    this.#note(`at ${this.clock.seconds()} s: ${what}`)
    this.#said.push(what)
    if (this.#said.length > MOST_STEPS) throw new Broken('an end', `${MOST_STEPS} steps`)
  }

  run(): void {
    try {
      this.hub.run()
    } catch (error) {
      if (error instanceof Broken) throw error
      throw new Broken('run to go on', `an error that leaves it: ${error}`)
    }
  }

  /** What has been said until now, and when it was. */
  check(expected: string, seconds: number): void {
    const got = this.#said.join(', ')
    if (got !== expected) throw new Broken(expected, got)
    if (this.clock.seconds() !== seconds)
      throw new Broken(`an end at ${seconds} s`, `an end at ${this.clock.seconds()} s`)
  }
}

export const units: readonly UnitCase[] = [
  {
    name: 'a green thread runs to its end',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      bench.hub.spawn(function* () {
        bench.say('begins')
        yield* bench.hub.sleep(2)
        bench.say('ends')
      })
      bench.run()
      bench.check('begins, ends', 2)
    },
  },
  {
    name: 'two green threads take turns',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const turns = (name: string) =>
        function* () {
          for (let i = 1; i <= 3; i++) {
            bench.say(`${name}${i}`)
            yield* bench.hub.sleep(0)
          }
        }
      bench.hub.spawn(turns('a'))
      bench.hub.spawn(turns('b'))
      bench.run()
      bench.check('a1, b1, a2, b2, a3, b3', 0)
    },
  },
  {
    name: 'all sleep at the same time, and who wakes first goes on first',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      for (const seconds of [3, 1, 2, 1]) {
        bench.hub.spawn(function* () {
          yield* bench.hub.sleep(seconds)
          bench.say(`after ${seconds}`)
        })
      }
      bench.run()
      bench.check('after 1, after 1, after 2, after 3', 3)
    },
  },
  {
    name: 'who spawns another goes on before it',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      bench.hub.spawn(function* () {
        bench.hub.spawn(function* () {
          bench.say('the new one')
          yield* bench.hub.sleep(0)
        })
        bench.say('the old one')
        yield* bench.hub.sleep(0)
      })
      bench.run()
      bench.check('the old one, the new one', 0)
    },
  },
  {
    name: 'a wait may be deep inside of a call',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      function* deep(levels: number): Green {
        if (levels > 0) yield* deep(levels - 1)
        else yield* bench.hub.sleep(1)
      }
      bench.hub.spawn(function* () {
        yield* deep(5)
        bench.say('woken')
      })
      bench.hub.spawn(function* () {
        bench.say('meanwhile')
        yield* deep(0)
      })
      bench.run()
      bench.check('meanwhile, woken', 1)
    },
  },
  {
    name: 'all that join it go on when a green thread ends',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const worker = bench.hub.spawn(function* () {
        yield* bench.hub.sleep(2)
        bench.say('done')
      })
      for (const name of ['first', 'second']) {
        bench.hub.spawn(function* () {
          yield* worker.join()
          bench.say(name)
        })
      }
      bench.run()
      bench.check('done, first, second', 2)
    },
  },
  {
    name: 'who joins one that has ended goes on',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const worker = bench.hub.spawn(function* () {
        yield* bench.hub.sleep(0)
        bench.say('done')
      })
      bench.hub.spawn(function* () {
        yield* bench.hub.sleep(5)
        yield* worker.join()
        bench.say('late')
      })
      bench.run()
      bench.check('done, late', 5)
    },
  },
  {
    name: 'one that throws ends, and no other with it',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const mistake = new TypeError('a mistake')
      const unlucky = bench.hub.spawn(function* () {
        yield* bench.hub.sleep(1)
        throw mistake
      })
      for (const name of ['the one that joins it', 'another']) {
        bench.hub.spawn(function* () {
          if (name === 'another') yield* bench.hub.sleep(2)
          else yield* unlucky.join()
          bench.say(name)
        })
      }
      bench.run()
      bench.check('the one that joins it, another', 2)
      if (unlucky.error !== mistake) throw new Broken('its error to be kept', `${unlucky.error}`)
    },
  },
  {
    name: 'those that are always ready do not keep others asleep',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      bench.hub.spawn(function* () {
        yield* bench.hub.sleep(3)
        bench.say('woken')
      })
      bench.hub.spawn(function* () {
        for (let i = 1; i <= 6; i++) {
          bench.clock.compute(1)
          bench.say(`busy ${i}`)
          yield* bench.hub.sleep(0)
        }
      })
      bench.run()
      bench.check('busy 1, busy 2, busy 3, woken, busy 4, busy 5, busy 6', 6)
    },
  },
]
