import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface Pacer {
  readonly latencies: readonly number[]
  start(now: number): void
  tick(now: number): number
  replied(now: number): void
  finish(now: number): void
}

interface Submission {
  readonly Pacer: new (perSecond: number, connection: { send(message: number): void }) => Pacer
}

/** When the server answers a message that has reached it at a time. */
type Server = (sent: number) => number

/** A server that needs one millisecond, but answers nobody between two times. */
const stopped =
  (from: number, to: number): Server =>
  (sent) =>
    sent + 1 > from && sent < to ? to : sent + 1

/** Once begun at this time of its clock: it is not 0 on any machine. */
const BEGIN = 7000

/** A run with a clock of its own, in steps of one millisecond. */
class Run {
  readonly pacer: Pacer
  /** When each message was sent, from the beginning. */
  readonly sent: number[] = []
  #answered: number | undefined
  #now = BEGIN
  readonly #server: Server

  constructor({ Pacer }: Submission, perSecond: number, server: Server) {
    this.#server = server
    this.pacer = new Pacer(perSecond, { send: (message) => this.#send(message) })
    this.pacer.start(BEGIN)
  }

  /** @param tick whether the generator gets a turn at this millisecond */
  until(end: number, tick: (at: number) => boolean = () => true): void {
    for (; this.#now < BEGIN + end; this.#now += 1) {
      this.#answer()
      if (tick(this.#now - BEGIN)) this.pacer.tick(this.#now)
    }
  }

  finish(): void {
    this.pacer.finish(this.#now)
  }

  #answer(): void {
    if (this.#answered === undefined || this.#answered > this.#now) return
    this.#answered = undefined
    this.pacer.replied(this.#now)
  }

  #send(message: number): void {
    if (this.#answered !== undefined)
      throw new Broken('one message in flight at a time', 'a second one before the reply')
    if (message !== this.sent.length)
      throw new Broken(`message ${this.sent.length}`, `message ${message}`)
    this.sent.push(this.#now - BEGIN)
    this.#answered = BEGIN + this.#server(this.#now - BEGIN)
  }
}

export const units: readonly UnitCase[] = [
  {
    name: 'each message is sent when it is due, whatever the clock shows at the start',
    points: 1,
    run: (module: Submission, note) => {
      note('100 messages/s; the server answers each after 1 ms; 50 ms pass')
      const run = new Run(module, 100, (sent) => sent + 1)
      run.until(50)
      same('the messages are sent at', [0, 10, 20, 30, 40], run.sent)
      same('their latencies are', [1, 1, 1, 1, 1], run.pacer.latencies)
    },
  },
  {
    name: 'a tick says when the next message is due',
    points: 1,
    run: ({ Pacer }: Submission, note) => {
      note('100 messages/s, begun at 7000 ms')
      const pacer = new Pacer(100, { send: () => {} })
      pacer.start(BEGIN)
      same('tick(7000) returns', [7010], [pacer.tick(7000)])
      pacer.replied(7001)
      same('tick(7004) returns', [7010], [pacer.tick(7004)])
      same('tick(7010) returns', [7020], [pacer.tick(7010)])
    },
  },
  {
    name: 'a generator that comes late does not move what is due later',
    points: 2,
    run: (module: Submission, note) => {
      note('100 messages/s; the generator gets a turn each 7 ms only')
      const run = new Run(module, 100, (sent) => sent + 1)
      run.until(71, (at) => at % 7 === 0)
      same('the messages are sent at', [0, 14, 21, 35, 42, 56, 63, 70], run.sent)
      note('the latencies count from when each message was due')
      same('the latencies are', [1, 5, 2, 6, 3, 7, 4], run.pacer.latencies.slice(0, 7))
    },
  },
  {
    name: 'while the server stands still, messages become due, and all are sent later',
    points: 2,
    run: (module: Submission, note) => {
      note('100 messages/s; from 20 ms to 70 ms the server answers nobody; 120 ms pass')
      const run = new Run(module, 100, stopped(20, 70))
      run.until(120)
      const due = [0, 10, 20, 70, 71, 72, 73, 74, 80, 90, 100, 110]
      same('the messages are sent at', due, run.sent)
    },
  },
  {
    name: 'who waited in the queue is counted with the whole of the wait',
    points: 3,
    run: (module: Submission, note) => {
      note('100 messages/s; from 20 ms to 70 ms the server answers nobody; 120 ms pass')
      const run = new Run(module, 100, stopped(20, 70))
      run.until(120)
      const due = [1, 1, 50, 41, 32, 23, 14, 5, 1, 1, 1, 1]
      same('the latencies are', due, run.pacer.latencies)
    },
  },
  {
    name: 'what has no reply at the end has waited, too',
    points: 2,
    run: (module: Submission, note) => {
      note('100 messages/s; from 20 ms on the server answers nobody; the run ends after 55 ms')
      const run = new Run(module, 100, stopped(20, 10_000))
      run.until(55)
      run.finish()
      same('the latencies are', [1, 1, 35, 25, 15, 5], run.pacer.latencies)
    },
  },
]

function same(what: string, due: readonly number[], got: readonly number[]): void {
  const show = (list: readonly number[]) =>
    list.map((value) => String(Math.round(value * 1000) / 1000)).join(', ') || 'nothing'
  if (show(due) !== show(got)) throw new Broken(`that ${what} ${show(due)}`, show(got))
}
