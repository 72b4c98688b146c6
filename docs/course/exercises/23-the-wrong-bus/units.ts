import { Broken } from '../../../../clients/check/verdict.ts'
import {
  type Green,
  type Greenlet,
  hub,
  run,
  sleep,
  spawn,
} from '../../../../servers/07-green-threads/gevent.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'
import { Clock } from '../22-between-two-polls/clock.ts'
import { Connection, type Entry, type ErrorClass, type Line, Log } from './bus.ts'

interface RoomServer {
  post(text: string, key: string): Green<unknown>
  follow(): Green<void>
}

interface Submission {
  readonly Disconnected: ErrorClass
  readonly RoomServer: new (
    bus: Connection,
    deliver: (entry: Entry) => void,
    last?: number,
  ) => RoomServer
}

type Note = (step: string) => void
type Name = 'A' | 'B'

/** Turns of the hub after which all that can go on have come to their next wait. */
const SOME_TURNS = 20
/** A cut comes in each of the first turns. */
const LAST_TURN = 14
/** So long a server may wait before it tries again, in seconds. The clock is the grader's. */
const PAUSE = 60

/** A server, and the people on it. */
class Place {
  readonly name: Name
  readonly connection: Connection
  readonly heard: Entry[] = []
  server!: RoomServer
  follower!: Greenlet<void>

  constructor(name: Name, connection: Connection) {
    this.name = name
    this.connection = connection
  }
}

interface Post {
  readonly text: string
  readonly key: string
  greenlet: Greenlet<unknown>
}

/** Two servers, the bus between them, and clients that post. */
class Bench implements Disposable {
  readonly log = new Log()
  readonly clock = new Clock()
  readonly note: Note
  readonly #submission: Submission
  readonly #places: Record<Name, Place>
  #keys = 0

  constructor(submission: Submission, note: Note) {
    const { Disconnected } = submission
    if (typeof Disconnected !== 'function') throw new Broken('the class Disconnected', 'none')
    this.note = note
    this.#submission = submission
    const place = (name: Name) => new Place(name, new Connection(this.log, Disconnected))
    this.#places = { A: place('A'), B: place('B') }
    hub.handleError = () => {}
    this.start('A')
    this.start('B')
  }

  [Symbol.dispose](): void {
    this.clock[Symbol.dispose]()
  }

  start(name: Name): void {
    const place = this.#places[name]
    const { connection, heard } = place
    const last = heard.at(-1)?.id ?? 0
    const server = new this.#submission.RoomServer(connection, (entry) => heard.push(entry), last)
    place.server = server
    place.follower = spawn(() => server.follow())
  }

  /** Ends a server, as a signal does. Its people come back with the last id that they have seen. */
  *kill(name: Name): Green<void> {
    this.note(`server ${name} is told to end: its follow is killed`)
    const { follower } = this.#places[name]
    follower.kill()
    yield* turns(SOME_TURNS)
    if (!follower.ready()) throw new Broken(`that server ${name} ends`, 'it goes on')
  }

  post(name: Name, text: string, key = this.newKey()): Post {
    this.note(`a client posts “${text}” on server ${name}`)
    return { text, key, greenlet: spawn(() => this.#places[name].server.post(text, key)) }
  }

  newKey(): string {
    this.#keys += 1
    return `key ${this.#keys}`
  }

  isAcknowledged({ greenlet }: Post): boolean {
    if (!greenlet.ready() || greenlet.successful()) return greenlet.ready()
    const error = greenlet.exception
    if (error instanceof this.#submission.Disconnected) return false
    throw new Broken('an acknowledgement, or Disconnected', `${error}`)
  }

  cut(name: Name, ...lines: Line[]): void {
    for (const line of lines) {
      this.note(`server ${name} is cut off from the bus: the connection to ${line}`)
      this.#places[name].connection.cut(line)
    }
  }

  /** The connections of this server are up again, and it has had the time to notice. */
  *restore(name: Name): Green<void> {
    this.note(`server ${name} can reach the bus again`)
    this.#places[name].connection.restore()
    yield* this.settle()
  }

  /** So much time passes that all servers have tried again. */
  *settle(): Green<void> {
    yield* turns(SOME_TURNS)
    this.clock.pass(PAUSE)
    yield* turns(SOME_TURNS)
    this.checkFailure()
  }

  /** A client that was told nothing posts the same once more, with the same key. */
  *repeat(post: Post, name: Name): Green<void> {
    yield* this.settle()
    if (this.isAcknowledged(post)) return
    yield* this.acknowledges(this.post(name, post.text, post.key))
  }

  /** Expects an acknowledgement without any time passing. */
  *acknowledges(post: Post): Green<void> {
    yield* turns(SOME_TURNS)
    if (!this.isAcknowledged(post)) throw new Broken(`an acknowledgement of ${post.text}`, 'none')
    this.checkFailure()
  }

  /** Expects that the people on these servers have seen these: all of them, once, in order. */
  *hear(texts: readonly string[], ...names: Name[]): Green<void> {
    yield* turns(SOME_TURNS)
    const due = textOf(texts.map((text, i) => ({ id: i + 1, text })))
    for (const name of names) {
      const got = textOf(this.#places[name].heard)
      if (got !== due) throw new Broken(`that the people on server ${name} see ${due}`, got)
    }
    this.checkFailure()
  }

  checkFailure(): void {
    for (const { connection } of Object.values(this.#places))
      if (connection.failure) throw connection.failure
  }
}

function* turns(count: number): Green<void> {
  for (let i = 0; i < count; i++) yield* sleep(0)
}

const textOf = (entries: readonly Entry[]) =>
  entries.map(({ id, text }) => `${id} ${text}`).join(', ') || 'nothing'

const inGreen = (body: (bench: Bench) => Green<void>) => (submission: Submission, note: Note) =>
  run(function* () {
    using bench = new Bench(submission, note)
    yield* turns(SOME_TURNS)
    yield* body(bench)
  })

export const units: readonly UnitCase[] = [
  {
    name: 'people on both servers see what is posted on either of them',
    points: 1,
    run: inGreen(function* (bench) {
      yield* bench.acknowledges(bench.post('A', 'one'))
      yield* bench.hear(['one'], 'A', 'B')
      yield* bench.acknowledges(bench.post('B', 'two'))
      yield* bench.hear(['one', 'two'], 'A', 'B')
    }),
  },
  {
    name: 'a server that was cut off brings what it has missed, and nothing twice',
    points: 3,
    run: inGreen(function* (bench) {
      yield* bench.acknowledges(bench.post('A', 'one'))
      yield* bench.hear(['one'], 'A', 'B')
      bench.cut('B', 'follow')
      yield* bench.acknowledges(bench.post('A', 'two'))
      yield* bench.acknowledges(bench.post('A', 'three'))
      yield* bench.restore('B')
      yield* bench.hear(['one', 'two', 'three'], 'B', 'A')
      yield* bench.acknowledges(bench.post('B', 'four'))
      yield* bench.hear(['one', 'two', 'three', 'four'], 'B', 'A')
    }),
  },
  {
    name: 'a server is cut off again and again',
    points: 2,
    run: inGreen(function* (bench) {
      const texts: string[] = []
      for (const text of ['one', 'two', 'three', 'four']) {
        bench.cut('B', 'follow')
        texts.push(text)
        yield* bench.acknowledges(bench.post('A', text))
        yield* bench.restore('B')
        yield* bench.hear(texts, 'B', 'A')
      }
    }),
  },
  {
    name: 'a server that hears nothing holds up nobody’s post',
    points: 1,
    run: inGreen(function* (bench) {
      bench.cut('A', 'follow')
      yield* bench.acknowledges(bench.post('A', 'one'))
      yield* bench.acknowledges(bench.post('B', 'two'))
      yield* bench.hear(['one', 'two'], 'B')
      yield* bench.restore('A')
      yield* bench.hear(['one', 'two'], 'A')
    }),
  },
  {
    name: 'people on both servers see one order',
    points: 2,
    run: inGreen(function* (bench) {
      bench.cut('B', 'follow')
      yield* bench.acknowledges(bench.post('A', 'one'))
      yield* bench.acknowledges(bench.post('B', 'two'))
      yield* bench.restore('B')
      yield* bench.hear(['one', 'two'], 'A', 'B')
      const posts = [bench.post('B', 'three'), bench.post('A', 'four'), bench.post('B', 'five')]
      for (const post of posts) yield* bench.acknowledges(post)
      yield* bench.hear(['one', 'two', 'three', 'four', 'five'], 'A', 'B')
    }),
  },
  {
    name: 'a post is acknowledged when the log has it, and not before',
    points: 2,
    run: inGreen(function* (bench) {
      bench.cut('A', 'post')
      const post = bench.post('A', 'one')
      yield* turns(SOME_TURNS)
      if (bench.isAcknowledged(post))
        throw new Broken('no acknowledgement while the log does not have it', 'one')
      yield* bench.restore('A')
      yield* bench.repeat(post, 'A')
      yield* bench.hear(['one'], 'A', 'B')
    }),
  },
  {
    name: 'a post that is repeated since its answer was lost is there once',
    points: 2,
    run: inGreen(function* (bench) {
      const post = bench.post('A', 'yes')
      for (let i = 0; i < SOME_TURNS && bench.log.entries.length === 0; i++) yield* sleep(0)
      bench.cut('A', 'post')
      yield* turns(SOME_TURNS)
      yield* bench.restore('A')
      yield* bench.repeat(post, 'B')
      yield* bench.hear(['yes'], 'A', 'B')
      bench.note('another client agrees')
      yield* bench.acknowledges(bench.post('B', 'yes'))
      yield* bench.hear(['yes', 'yes'], 'A', 'B')
    }),
  },
  {
    name: 'a server ends, the bus starts anew, and the server comes back',
    points: 2,
    run: inGreen(function* (bench) {
      yield* bench.acknowledges(bench.post('B', 'one'))
      yield* bench.hear(['one'], 'A', 'B')
      yield* bench.kill('B')
      yield* bench.acknowledges(bench.post('A', 'two'))
      bench.cut('A', 'post', 'follow')
      const post = bench.post('A', 'three')
      yield* turns(SOME_TURNS)
      yield* bench.restore('A')
      bench.note('server B is started again')
      bench.start('B')
      yield* bench.repeat(post, 'B')
      yield* bench.acknowledges(bench.post('A', 'four'))
      yield* bench.hear(['one', 'two', 'three', 'four'], 'A', 'B')
    }),
  },
  {
    name: 'a connection is cut in each turn, while clients post on both servers',
    points: 3,
    run: async (submission: Submission, note) => {
      for (const lines of [['post'], ['follow'], ['post', 'follow']] as const) {
        for (const name of ['A', 'B'] as const) {
          for (let turn = 0; turn <= LAST_TURN; turn++) {
            await run(() => cutOnce(submission, { name, lines, turn }, note))
          }
        }
      }
    },
  },
]

interface Cut {
  readonly name: Name
  readonly lines: readonly Line[]
  readonly turn: number
}

/** Two clients post three messages each, and a server is cut off for some turns. */
function* cutOnce(submission: Submission, { name, lines, turn }: Cut, note: Note): Green<void> {
  const steps: string[] = []
  using bench = new Bench(submission, (step) => steps.push(step))
  try {
    const clients = (['A', 'B'] as const).map((at) => spawn(() => talk(bench, at)))
    yield* turns(turn)
    bench.cut(name, ...lines)
    yield* turns(5)
    yield* bench.restore(name)
    for (let i = 0; i < 3; i++) yield* bench.settle()
    for (const client of clients) {
      if (!client.ready()) throw new Broken('an acknowledgement of each post', 'none')
      if (!client.successful()) throw client.exception
    }
    const texts = bench.log.entries.map((entry) => entry.text)
    yield* bench.hear(texts, 'A', 'B')
    const times = `${texts.length} in the room`
    if (texts.length !== 6) throw new Broken('6 messages, each of them once', times)
  } catch (error) {
    note(`two clients post; after ${turn} turns a connection of server ${name} is cut`)
    for (const step of steps) note(step)
    throw error
  }
}

/** A client that posts three messages. Without an acknowledgement it goes to the other server. */
function* talk(bench: Bench, home: Name): Green<void> {
  let at = home
  for (const text of ['one', 'two', 'three']) {
    const key = bench.newKey()
    for (;;) {
      const post = bench.post(at, `${text} from ${home}`, key)
      yield* post.greenlet.join()
      if (bench.isAcknowledged(post)) break
      at = at === 'A' ? 'B' : 'A'
      yield* turns(2)
    }
    if (!bench.log.has(key))
      throw new Broken('no acknowledgement while the log does not have this key', 'one')
  }
}
