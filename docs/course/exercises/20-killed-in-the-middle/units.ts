import { Broken } from '../../../../clients/check/verdict.ts'
import {
  type Green,
  type Greenlet,
  GreenletExit,
  hub,
  run,
  sleep,
  spawn,
  Timeout,
} from '../../../../servers/07-green-threads/gevent.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface Connection {
  close(): void
}

interface Connections<Each> {
  borrow<Result>(use: (connection: Each) => Green<Result>): Green<Result>
}

interface Submission {
  readonly Connections: new <Each extends Connection>(
    limit: number,
    open: () => Green<Each>,
  ) => Connections<Each>
}

type Note = (step: string) => void

const LIMIT = 2
/** Turns of the hub after which all of those that can go on have come to an end. */
const MANY_TURNS = 60
/** A kill comes in each of the first turns. */
const LAST_TURN = 12

/** A connection of which the bench knows whether it may be used. */
class Line implements Connection {
  state: 'idle' | 'in use' | 'broken off' | 'closed' = 'idle'
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  close(): void {
    if (this.state === 'closed') throw new Broken('a close for each connection', 'two for one')
    this.state = 'closed'
  }
}

/** A pool, a data base that opens and answers slowly, and green threads that ask it. */
class Bench {
  readonly opened: Line[] = []
  readonly pool: Connections<Line>
  readonly note: Note
  #opening = 0
  /** What a green thread must not see, such as too many connections. */
  #failure: Broken | undefined

  constructor(submission: Submission, note: Note) {
    this.note = note
    this.pool = new submission.Connections(LIMIT, () => this.#open())
    hub.handleError = () => {}
  }

  /** A green thread that asks once. The question takes some turns. */
  ask(name: string, turns = 3): Greenlet<string> {
    return spawn(() => this.pool.borrow((line) => this.question(line, name, turns)))
  }

  *question(line: Line, name: string, turns: number): Green<string> {
    if (line.state !== 'idle') this.#fail('a connection for each', `${line.name}: ${line.state}`)
    line.state = 'in use'
    this.note(`${name} asks on ${line.name}`)
    try {
      for (let i = 0; i < turns; i++) yield* sleep(0)
      line.state = 'idle'
      return `the answer for ${name}`
    } finally {
      if (line.state === 'in use') line.state = 'broken off'
    }
  }

  kill(greenlet: Greenlet, name: string): void {
    this.note(`${name} is killed`)
    greenlet.kill()
  }

  /** Throws Broken unless all places can be used at the same time, by clients that come now. */
  *checkPlaces(): Green<void> {
    yield* turns(MANY_TURNS)
    const askers = Array.from({ length: LIMIT }, (_, i) => this.ask(`late client ${i + 1}`, 20))
    yield* turns(10)
    const busy = this.opened.filter(({ state }) => state === 'in use').length
    this.check(busy === LIMIT, `${LIMIT} late clients that are served`, `${busy}`)
    const left = this.opened.find(({ state }) => state === 'broken off')
    this.check(!left, 'a close of each connection that was broken off', `${left?.name} is open`)
    yield* turns(MANY_TURNS)
    for (const asker of askers) this.check(asker.successful(), 'an answer for each', 'none')
    this.checkFailure()
  }

  check(isSo: boolean, expected: string, got: string): void {
    this.checkFailure()
    if (!isSo) throw new Broken(expected, got)
  }

  checkFailure(): void {
    if (this.#failure) throw this.#failure
  }

  *#open(): Green<Line> {
    this.#opening += 1
    const open = this.opened.filter(({ state }) => state !== 'closed').length + this.#opening
    if (open > LIMIT) this.#fail(`at most ${LIMIT} connections`, `${open} that are open or opened`)
    try {
      yield* turns(2)
    } finally {
      this.#opening -= 1
    }
    const line = new Line(`connection ${this.opened.length + 1}`)
    this.opened.push(line)
    return line
  }

  #fail(expected: string, got: string): void {
    this.#failure ??= new Broken(expected, got)
  }
}

function* turns(count: number): Green<void> {
  for (let i = 0; i < count; i++) yield* sleep(0)
}

export const units: readonly UnitCase[] = [
  {
    name: 'one after the other, all use the same connection',
    points: 1,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        for (const name of ['first', 'second', 'third']) {
          const answer = yield* bench.ask(name).get(1)
          bench.check(answer === `the answer for ${name}`, 'what use has returned', `${answer}`)
        }
        bench.check(bench.opened.length === 1, 'one connection', `${bench.opened.length}`)
        yield* bench.checkPlaces()
      }),
  },
  {
    name: `at most ${LIMIT} connections are open at a time, and all are served`,
    points: 2,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        const askers = ['first', 'second', 'third', 'fourth', 'fifth'].map((name) =>
          bench.ask(name),
        )
        yield* turns(MANY_TURNS)
        const served = askers.filter((asker) => asker.successful()).length
        bench.check(served === askers.length, `answers for all ${askers.length}`, `${served}`)
        yield* bench.checkPlaces()
      }),
  },
  {
    name: 'a use that throws gives its place back, and its connection is closed',
    points: 1,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        const mistake = new TypeError('a mistake')
        for (let i = 0; i <= LIMIT; i++) {
          const unlucky = spawn(() =>
            bench.pool.borrow(function* (line) {
              line.state = 'broken off'
              yield* sleep(0)
              throw mistake
            }),
          )
          yield* unlucky.join(1)
          const got = unlucky.ready() ? `${unlucky.exception}` : 'it still waits'
          bench.check(unlucky.exception === mistake, 'the error to come out', got)
        }
        yield* bench.checkPlaces()
      }),
  },
  {
    name: 'one that is killed while it uses its connection gives its place back',
    points: 2,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        for (const name of ['first', 'second']) {
          const killed = bench.ask(name, 1000)
          yield* turns(5)
          bench.kill(killed, name)
          yield* killed.join(1)
        }
        yield* bench.checkPlaces()
      }),
  },
  {
    name: 'one whose time has passed gives its place back',
    points: 1,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        for (const name of ['first', 'second']) {
          const late = spawn(function* () {
            using timeout = new Timeout(0.02)
            timeout.start()
            try {
              yield* bench.pool.borrow((line) => bench.question(line, name, 1_000_000))
              return 'an answer'
            } catch (error) {
              return error === timeout ? 'the timeout' : `${error}`
            }
          })
          const got = yield* late.get(2)
          note(`the time of ${name} has passed`)
          bench.check(got === 'the timeout', 'the timeout to come out', `${got}`)
        }
        yield* bench.checkPlaces()
      }),
  },
  {
    name: 'a kill ends the green thread, also what it would do after the use',
    points: 1,
    run: (submission: Submission, note) =>
      run(function* () {
        const bench = new Bench(submission, note)
        let hasGoneOn = false
        const killed = spawn(function* () {
          yield* bench.pool.borrow((line) => bench.question(line, 'first', 1000))
          hasGoneOn = true
        })
        yield* turns(5)
        bench.kill(killed, 'first')
        yield* turns(MANY_TURNS)
        bench.check(!hasGoneOn, 'its end', 'it goes on after the use')
        const isExit = killed.value instanceof GreenletExit
        bench.check(isExit, 'a green thread that was killed', `${killed.value}`)
        yield* bench.checkPlaces()
      }),
  },
  {
    name: 'one is killed in each turn: while it waits, while it opens, and while it asks',
    points: 4,
    run: async (submission: Submission, note) => {
      for (let victim = 0; victim < 4; victim++) {
        for (let turn = 0; turn <= LAST_TURN; turn++) {
          await run(() => killOne(submission, victim, turn, note))
        }
      }
    },
  },
]

/** Four clients come at once, and one of them is killed after some turns. */
function* killOne(submission: Submission, victim: number, turn: number, note: Note): Green<void> {
  const steps: string[] = []
  const bench = new Bench(submission, (step) => steps.push(step))
  try {
    const askers = Array.from({ length: 4 }, (_, i) => bench.ask(`client ${i + 1}`))
    yield* turns(turn)
    bench.kill(askers[victim]!, `client ${victim + 1}`)
    yield* turns(MANY_TURNS)
    const others = askers.filter((_, i) => i !== victim)
    const served = others.filter((other) => other.successful()).length
    bench.check(served === others.length, 'answers for the other three', `${served}`)
    yield* bench.checkPlaces()
  } catch (error) {
    note(`four clients come at once; client ${victim + 1} is killed after ${turn} turns`)
    for (const step of steps) note(step)
    throw error
  }
}
