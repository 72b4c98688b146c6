import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Broken } from '../../../../clients/check/verdict.ts'
import {
  type Green,
  type Greenlet,
  GreenletExit,
  hub,
  killall,
  run,
  sleep,
  spawn,
} from '../../../../servers/07-green-threads/gevent.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'
import { Clock } from './clock.ts'

interface Message {
  readonly id: number
  readonly text: string
}

interface News {
  readonly messages: readonly Message[]
  readonly missed: boolean
}

interface Submission {
  readonly Room: new () => {
    post(text: string): number
    poll(seen: number, seconds: number, user: string): Green<News>
  }
}

type Note = (step: string) => void

/** How long a poll may take, in seconds. The clock is the grader's. */
const POLL = 30
/** Messages that a room keeps. */
const KEPT = 100
/** Turns of the hub after which all that can go on have come to their next wait. */
const SOME_TURNS = 20
/** A kill comes in each of the first turns. */
const LAST_TURN = 12
const KIB = 1024
const MIB = 1024 * KIB
/** Of memory, for what has gone. A small object for each poll takes twice as much. */
const LIMIT = MIB

/** Somebody's browser, which remembers what it has seen. */
class Client {
  seen = 0
  readonly heard: Message[] = []
  poll: Greenlet<News> | undefined
  /** `ann on her phone` */
  readonly name: string
  readonly user: string

  constructor(name: string) {
    this.name = name
    this.user = name.split(' ')[0]!
  }
}

class Bench implements Disposable {
  readonly room: InstanceType<Submission['Room']>
  readonly clock = new Clock()
  readonly posted: Message[] = []
  readonly note: Note

  constructor({ Room }: Submission, note: Note) {
    this.room = new Room()
    this.note = note
    hub.handleError = () => {}
  }

  [Symbol.dispose](): void {
    this.clock[Symbol.dispose]()
  }

  post(text: string): void {
    const id = this.room.post(text)
    this.posted.push({ id, text })
    this.note(`somebody posts ${id} ${text}`)
  }

  poll(client: Client): void {
    this.note(`${client.name} polls, and has seen ${client.seen}`)
    const { seen, user } = client
    client.poll = spawn(() => this.room.poll(seen, POLL, user))
  }

  /** The answer to the poll of this client, if there is one. Throws Broken if it failed. */
  answerFor({ name, poll }: Client): News | undefined {
    if (!poll?.ready()) return undefined
    if (!poll.successful()) throw new Broken(`an answer for ${name}`, `${poll.exception}`)
    const news = poll.value
    if (news instanceof GreenletExit) return undefined
    if (!Array.isArray(news?.messages)) throw new Broken('messages', `${news?.messages}`)
    return news
  }

  /** The client remembers what it is answered. */
  receive(client: Client, { messages }: News): void {
    this.note(`${client.name} is answered: ${textOf(messages)}`)
    client.heard.push(...messages)
    client.seen = messages.at(-1)?.id ?? client.seen
    client.poll = undefined
  }

  /** Expects that the poll is answered with these, without any time passing. */
  *hears(client: Client, messages: readonly Message[]): Green<News> {
    yield* turns(SOME_TURNS)
    const expected = `that ${client.name} is told ${textOf(messages)}`
    const news = this.answerFor(client)
    if (!news) throw new Broken(expected, 'no answer')
    same(expected, messages, news.messages)
    this.receive(client, news)
    return news
  }

  *waits(client: Client): Green<void> {
    yield* turns(SOME_TURNS)
    const news = this.answerFor(client)
    if (news) throw new Broken(`that the poll of ${client.name} waits`, answerText(news))
  }

  /** Expects an answer now, with messages or without. */
  *isAnswered(client: Client): Green<void> {
    yield* turns(SOME_TURNS)
    const news = this.answerFor(client)
    if (!news) throw new Broken(`an answer for ${client.name}`, 'none')
    this.receive(client, news)
  }

  /** Polls until it waits again, and expects that the client has heard all messages once. */
  *hasHeardAll(client: Client): Green<void> {
    for (let i = 0; i < 5; i++) {
      this.poll(client)
      yield* turns(SOME_TURNS)
      const news = this.answerFor(client)
      if (!news) break
      this.receive(client, news)
    }
    const expected = `that ${client.name} has heard ${textOf(this.posted)}`
    same(expected, this.posted, client.heard)
  }
}

function* turns(count: number): Green<void> {
  for (let i = 0; i < count; i++) yield* sleep(0)
}

const textOf = (messages: readonly Message[]) =>
  messages.map(({ id, text }) => `${id} ${text}`).join(', ') || 'nothing'

const answerText = ({ messages }: News) => `an answer with ${textOf(messages)}`

function same(expected: string, due: readonly Message[], got: readonly Message[]): void {
  if (textOf(due) !== textOf(got)) throw new Broken(expected, textOf(got))
}

const inGreen =
  (body: (bench: Bench, note: Note) => Green<void>) => (submission: Submission, note: Note) =>
    run(function* () {
      using bench = new Bench(submission, note)
      yield* body(bench, note)
    })

export const units: readonly UnitCase[] = [
  {
    name: 'all polls that wait are answered as soon as something is posted',
    points: 1,
    run: inGreen(function* (bench) {
      const clients = ['ann', 'bob', 'cid'].map((name) => new Client(name))
      for (const client of clients) bench.poll(client)
      yield* turns(SOME_TURNS)
      bench.post('one')
      for (const client of clients) yield* bench.hears(client, bench.posted)
    }),
  },
  {
    name: 'a poll waits until there is something new, or its time is over',
    points: 1,
    run: inGreen(function* (bench, note) {
      const ann = new Client('ann')
      bench.poll(ann)
      yield* bench.waits(ann)
      bench.post('one')
      yield* bench.hears(ann, bench.posted)
      bench.poll(ann)
      yield* bench.waits(ann)
      note(`${POLL - 1} seconds pass`)
      bench.clock.pass(POLL - 1)
      yield* bench.waits(ann)
      note('2 seconds pass')
      bench.clock.pass(2)
      yield* bench.hears(ann, [])
    }),
  },
  {
    name: 'what is posted before the first poll, and between two polls, is not lost',
    points: 2,
    run: inGreen(function* (bench) {
      const ann = new Client('ann')
      bench.post('one')
      bench.poll(ann)
      yield* bench.hears(ann, bench.posted)
      bench.post('two')
      bench.post('three')
      bench.poll(ann)
      yield* bench.hears(ann, bench.posted.slice(1))
    }),
  },
  {
    name: 'an answer takes nothing from another one, nor from the next if it gets lost',
    points: 2,
    run: inGreen(function* (bench, note) {
      const clients = ['ann', 'ann on her phone'].map((name) => new Client(name))
      for (const client of clients) bench.poll(client)
      yield* turns(SOME_TURNS)
      bench.post('one')
      for (const client of clients) yield* bench.hears(client, bench.posted)
      const [ann] = clients
      note('the connection broke before ann got this answer')
      ann!.seen = 0
      bench.poll(ann!)
      yield* bench.hears(ann!, bench.posted)
      bench.post('two')
      ann!.seen = 0
      bench.poll(ann!)
      yield* bench.hears(ann!, bench.posted)
    }),
  },
  {
    name: 'two posts in one turn, and a post in the turn in which the time is over',
    points: 2,
    run: inGreen(function* (bench, note) {
      const ann = new Client('ann')
      bench.poll(ann)
      yield* turns(SOME_TURNS)
      bench.post('one')
      bench.post('two')
      yield* bench.isAnswered(ann)
      yield* bench.hasHeardAll(ann)
      note('the time is over, and in the same turn somebody posts')
      bench.clock.pass(POLL)
      hub.runCallback(() => bench.post('three'))
      yield* bench.isAnswered(ann)
      yield* bench.hasHeardAll(ann)
      note('somebody posts, and in the same turn the time is over')
      hub.runCallback(() => bench.post('four'))
      bench.clock.pass(POLL)
      yield* bench.isAnswered(ann)
      yield* bench.hasHeardAll(ann)
      yield* bench.waits(ann)
    }),
  },
  {
    name: 'one poll is killed in each turn, and its client asks again',
    points: 3,
    run: async (submission: Submission, note) => {
      for (let victim = 0; victim < 3; victim++) {
        for (let turn = 0; turn <= LAST_TURN; turn++) {
          await run(() => killOne(submission, victim, turn, note))
        }
      }
    },
  },
  {
    name: `the room keeps the last ${KEPT} messages, and says when others are missed`,
    points: 2,
    run: inGreen(function* (bench, note) {
      const quiet = new Client('ann')
      for (let i = 1; i <= 150; i++)
        bench.posted.push({ id: bench.room.post('hello'), text: 'hello' })
      note('somebody posts 150 messages')
      yield* missed(bench, 49, KEPT, true)
      yield* missed(bench, 50, KEPT, false)
      yield* missed(bench, 149, 1, false)
      yield* missed(bench, 0, KEPT, true)
      quiet.seen = bench.posted.at(-1)!.id
      bench.poll(quiet)
      yield* turns(SOME_TURNS)
      note(`somebody posts ${KEPT} messages in one turn`)
      for (let i = 0; i < KEPT; i++) bench.room.post('hello')
      yield* turns(SOME_TURNS)
      const news = bench.answerFor(quiet)
      const got = news ? count(news) : 'no answer'
      if (got !== count({ messages: Array(KEPT), missed: false }))
        throw new Broken(`${KEPT} messages, and none missed`, got)
      yield* manyPosts(bench, 2 * KEPT)
      yield* costs('messages that are older', note, () => manyPosts(bench, 1000))
    }),
  },
  {
    name: 'polls that have ended leave nothing behind',
    points: 2,
    run: inGreen(function* (bench, note) {
      // What the engine keeps for itself is there from now on.
      yield* manyPolls(bench, 1000)
      yield* costs('polls that have ended', note, () => manyPolls(bench, 10_000))
    }),
  },
]

const count = ({ messages, missed }: News) =>
  `${messages.length} messages, and ${missed ? 'some' : 'none'} missed`

/** A poll with an id, and what it is told. */
function* missed(bench: Bench, seen: number, length: number, isMissed: boolean): Green<void> {
  const client = new Client('ann')
  client.seen = bench.posted[seen - 1]?.id ?? 0
  bench.poll(client)
  yield* turns(SOME_TURNS)
  const news = bench.answerFor(client)
  const got = news ? count(news) : 'no answer'
  const expected = count({ messages: Array(length), missed: isMissed })
  if (got !== expected) throw new Broken(`after ${seen}: ${expected}`, got)
  same('the newest messages', bench.posted.slice(-length), news!.messages)
}

/** Three clients poll, somebody posts, and one of the polls is killed after some turns. */
function* killOne(submission: Submission, victim: number, turn: number, note: Note): Green<void> {
  const steps: string[] = []
  using bench = new Bench(submission, (step) => steps.push(step))
  const clients = ['ann', 'ann on her phone', 'bob'].map((name) => new Client(name))
  try {
    for (let now = 0; now < LAST_TURN + SOME_TURNS; now++) {
      if (now === 2) for (const text of ['one', 'two']) bench.post(text)
      if (now === 6 || now === 8) bench.post(`in turn ${now}`)
      for (const client of clients) goOn(bench, client)
      if (now === turn) {
        bench.note(`the connection of ${clients[victim]!.name} breaks: its poll is killed`)
        clients[victim]!.poll!.kill()
      }
      yield* sleep(0)
    }
    for (const { name, heard } of clients) same(`that ${name} has heard all`, bench.posted, heard)
  } catch (error) {
    note(`three clients poll; the poll of ${clients[victim]!.name} is killed after ${turn} turns`)
    for (const step of steps) note(step)
    throw error
  }
}

/** What a client does in a turn: it takes its answer, if there is one, and polls again. */
function goOn(bench: Bench, client: Client): void {
  const news = bench.answerFor(client)
  if (news) {
    if (news.messages.length === 0)
      throw new Broken(`that the poll of ${client.name} waits`, answerText(news))
    bench.receive(client, news)
  }
  if (!client.poll || client.poll.ready()) bench.poll(client)
}

/** Polls of people who come once, and leave: by a kill, or when the time is over. */
function* manyPolls(bench: Bench, total: number): Green<void> {
  const { stackTraceLimit } = Error
  // Nobody reads where so many kills came from.
  Error.stackTraceLimit = 0
  for (let from = 0; from < total; from += 500) {
    const polls = Array.from({ length: 500 }, (_, i) =>
      spawn(() => bench.room.poll(0, POLL, `guest ${from + i}`)),
    )
    yield* turns(2)
    killall(polls.slice(250))
    yield* turns(2)
    bench.clock.pass(POLL)
    yield* turns(2)
  }
  Error.stackTraceLimit = stackTraceLimit
}

function* manyPosts(bench: Bench, total: number): Green<void> {
  for (let i = 0; i < total; i++) bench.room.post(Buffer.alloc(4 * KIB, 'x').toString())
  yield* turns(2)
}

/** Expects that it leaves next to nothing in memory. */
function* costs(what: string, note: Note, body: () => Green<void>): Green<void> {
  const before = heapUsed()
  yield* body()
  const growth = heapUsed() - before
  note(`${what}: ${(growth / MIB).toFixed(1)} MiB more memory`)
  if (growth > LIMIT)
    throw new Broken(`less than ${LIMIT / MIB} MiB for ${what}`, `${(growth / MIB).toFixed(1)} MiB`)
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What is found to be garbage only by the end of the first one is gone after the others.
  for (let i = 0; i < 3; i++) collect()
  return process.memoryUsage().heapUsed
}
