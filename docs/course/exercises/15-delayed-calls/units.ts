import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MiB } from '../../../../clients/check/samples.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface DelayedCall {
  cancel(): void
  reset(seconds: number): void
}

interface Calls {
  callLater(delay: number, call: () => void): DelayedCall
  timeout(): number
  runDue(): void
}

interface Submission {
  readonly DelayedCalls: new (seconds: () => number) => Calls
}

type Note = (step: string) => void

/** More than anybody wants to sort, or to search through, again and again. */
const MANY = 50_000
/** How often a call of a pass adds another one, if that is made in the same pass, too. */
const ENOUGH = 10

/** Calls on a clock that stands still until it is told to go on. */
class Bench {
  now = 0
  readonly made: string[] = []
  readonly calls: Calls
  readonly #note: Note

  constructor(submission: Submission, note: Note) {
    this.calls = new submission.DelayedCalls(() => this.now)
    this.#note = note
  }

  later(delay: number, name: string): DelayedCall {
    this.#note(`at ${this.now} s: ${name} is to be called in ${delay} s`)
    return this.calls.callLater(delay, () => this.made.push(name))
  }

  cancel(call: DelayedCall, name: string): void {
    this.#note(`at ${this.now} s: ${name} is cancelled`)
    call.cancel()
  }

  reset(call: DelayedCall, name: string, seconds: number): void {
    this.#note(`at ${this.now} s: ${name} is reset to ${seconds} s from now`)
    call.reset(seconds)
  }

  /** A pass at this time, and what has been called until then. */
  pass(now: number, expected: readonly string[]): void {
    this.now = now
    this.#note(`a pass at ${now} s`)
    this.calls.runDue()
    const got = this.made.join(' ') || 'none'
    if (got !== (expected.join(' ') || 'none'))
      throw new Broken(`these calls so far: ${expected.join(' ') || 'none'}`, got)
  }

  timeout(expected: number): void {
    const got = this.calls.timeout()
    if (got === expected) return
    this.#note(`at ${this.now} s: how long may the loop sleep?`)
    throw new Broken(`a sleep of ${expected} s`, `${got} s`)
  }
}

export const units: readonly UnitCase[] = [
  {
    name: 'calls are made in the order of their times',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      bench.timeout(Number.POSITIVE_INFINITY)
      for (const delay of [5, 1, 4, 2, 3]) bench.later(delay, `c${delay}`)
      bench.later(2, 'c2-again')
      bench.timeout(1)
      bench.pass(0.5, [])
      bench.timeout(0.5)
      bench.pass(2, ['c1', 'c2', 'c2-again'])
      bench.pass(9, ['c1', 'c2', 'c2-again', 'c3', 'c4', 'c5'])
      bench.timeout(Number.POSITIVE_INFINITY)
    },
  },
  {
    name: 'a cancelled call is not made',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const [first] = [bench.later(1, 'first'), bench.later(2, 'second')]
      bench.cancel(first, 'first')
      bench.pass(3, ['second'])
    },
  },
  {
    name: 'the loop does not wake up for a cancelled call',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const [first, second] = [bench.later(1, 'first'), bench.later(2, 'second')]
      bench.cancel(first, 'first')
      bench.timeout(2)
      bench.cancel(second, 'second')
      bench.timeout(Number.POSITIVE_INFINITY)
    },
  },
  {
    name: 'a call that is reset is made at its new time, sooner or later',
    points: 2,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const [first] = [bench.later(1, 'first'), bench.later(2, 'second')]
      const last = bench.later(9, 'last')
      bench.reset(first, 'first', 5)
      bench.timeout(2)
      bench.pass(1, [])
      bench.reset(last, 'last', 0.5)
      bench.timeout(0.5)
      bench.pass(2, ['last', 'second'])
      bench.pass(5, ['last', 'second', 'first'])
    },
  },
  {
    name: 'a call that has been made is over',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const first = bench.later(1, 'first')
      bench.later(8, 'second')
      bench.pass(1, ['first'])
      bench.reset(first, 'first', 1)
      bench.pass(3, ['first'])
      bench.cancel(first, 'first')
      bench.pass(8, ['first', 'second'])
    },
  },
  {
    name: 'a call that is due may be cancelled by the one before it',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      note('first cancels second when it is called')
      bench.calls.callLater(1, () => {
        bench.made.push('first')
        second.cancel()
      })
      const second = bench.later(2, 'second')
      bench.later(3, 'third')
      bench.pass(5, ['first', 'third'])
    },
  },
  {
    name: 'what a call adds is made in the next pass',
    points: 1,
    run: (submission: Submission, note) => {
      const bench = new Bench(submission, note)
      const again = () => {
        bench.made.push('again')
        if (bench.made.length < ENOUGH) bench.calls.callLater(0, again)
      }
      note('again adds itself with a delay of 0 when it is called')
      bench.calls.callLater(0, again)
      bench.pass(0, ['again'])
      bench.timeout(0)
      bench.pass(0, ['again', 'again'])
    },
  },
  {
    name: 'a thousand random steps, beside a list that is sorted each time',
    points: 3,
    run: (submission: Submission, note) => {
      for (let seed = 1; seed <= 20; seed++) randomSteps(submission, seed, note)
    },
  },
  {
    name: `${MANY} timeouts, each of which is put off, cost little time`,
    points: 2,
    run: (submission: Submission, note) => {
      let now = 0
      const calls = new submission.DelayedCalls(() => now)
      let made = 0
      const all = Array.from({ length: MANY }, () => calls.callLater(30, () => made++))
      note(`${MANY} clients are connected, and each sends a message`)
      for (const call of all) {
        now += 0.0001
        call.reset(30)
      }
      for (const call of all.slice(1)) call.cancel()
      now = 100
      calls.runDue()
      if (made !== 1) throw new Broken('one call', `${made} calls`)
    },
  },
  {
    name: 'cancelled calls leave nothing behind',
    points: 2,
    run: (submission: Submission, note) => {
      const calls = new submission.DelayedCalls(() => 0)
      calls.callLater(1, () => {})
      const before = heapUsed()
      note(`${2 * MANY} clients come and go: each has a call in an hour, which is cancelled`)
      for (let i = 0; i < 2 * MANY; i++) {
        const state = Array.from({ length: 100 }, () => i)
        calls.callLater(3600, () => state.pop()).cancel()
      }
      const kept = heapUsed() - before
      calls.timeout()
      if (kept > 4 * MiB) {
        throw new Broken('less than 4 MiB more memory', `${Math.round(kept / MiB)} MiB more`)
      }
    },
  },
]

/** Adds, cancels, resets and passes by chance; a call's name is its number. */
function randomSteps(submission: Submission, seed: number, note: Note): void {
  const random = randomFrom(seed)
  let now = 0
  const made: number[] = []
  const calls = new submission.DelayedCalls(() => now)
  const handles: DelayedCall[] = []
  /** When each call that waits is due. */
  const due = new Map<number, number>()
  for (let step = 0; step < 1000; step++) {
    // No two of them are due at the same time.
    const delay = 1 + random(1000) + step / 1000
    const at = random(Math.max(1, handles.length))
    const kind = random(10)
    if (kind < 4 || handles.length === 0) {
      const id = handles.length
      due.set(id, now + delay)
      handles.push(calls.callLater(delay, () => made.push(id)))
    } else if (kind < 6) {
      if (due.delete(at)) handles[at]!.cancel()
    } else if (kind < 9) {
      if (due.has(at)) handles[at]!.reset(delay)
      if (due.has(at)) due.set(at, now + delay)
    } else {
      now += random(200)
      const expected = [...due].filter(([, time]) => time <= now).sort((a, b) => a[1] - b[1])
      for (const [id] of expected) due.delete(id)
      made.length = 0
      calls.runDue()
      const wanted = expected.map(([id]) => id).join(' ') || 'none'
      if (made.join(' ') === wanted.replace('none', '')) continue
      note(`seed ${seed}, step ${step}: a pass with ${due.size + expected.length} calls that wait`)
      throw new Broken(`the calls ${wanted}`, made.join(' ') || 'none')
    }
  }
}

/** Numbers below a limit, the same ones for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** What is really in use: the garbage is collected first. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return process.memoryUsage().heapUsed
}
