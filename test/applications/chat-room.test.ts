/** A room as one server sees it: who reads what, however slow, and who is there. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Green, joinall, run, sleep, spawn } from '../../servers/07-green-threads/gevent.ts'
import { KEPT, START } from '../../servers/applications/chat/bus.ts'
import { MemoryBus } from '../../servers/applications/chat/memory-bus.ts'
import { Room } from '../../servers/applications/chat/room.ts'
import { Rooms } from '../../servers/applications/chat/rooms.ts'

let bus: MemoryBus
let room: Room
let posts = 0

beforeEach(async () => {
  bus = new MemoryBus()
  room = await run(() => Room.open(bus, 'lobby'))
})

afterEach(() => room.close())

function green(name: string, body: () => Green<void>): void {
  test(name, () => run(body))
}

function* say(...texts: string[]): Green<string> {
  let id = ''
  for (const text of texts) {
    id = yield* bus.append('lobby', { name: 'Ada', text }, `key-${posts++}`)
  }
  return id
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `${from + i}`)

/** Reads on from an id until there are `count` texts. */
function* read(after: string, count: number): Green<string[]> {
  const texts: string[] = []
  for (let last = after; texts.length < count; ) {
    const news = yield* room.after(last, room.changes)
    expect(news.gap).toBe(false)
    texts.push(...news.entries.map(({ text }) => text))
    last = news.last
  }
  return texts
}

green('a newcomer is shown the newest 25', function* () {
  expect(yield* room.backlog()).toEqual({ entries: [], last: START, gap: false })
  yield* say(...numbers(30))
  const { entries, last } = yield* room.backlog()
  expect(entries.map(({ text }) => text)).toEqual(numbers(25, 5))
  const waiting = spawn(() => read(last, 1))
  yield* sleep(0)
  yield* say('next')
  expect(yield* waiting.get()).toEqual(['next'])
})

green('a thousand people read each message once, in one order', function* () {
  const people = Array.from({ length: 1000 }, () => spawn(() => read(START, 300)))
  for (const text of numbers(300)) {
    yield* say(text)
    if (Number(text) % 10 === 0) yield* sleep(0)
  }
  yield* joinall(people)
  expect(new Set(people.map(({ value }) => String(value)))).toEqual(new Set([String(numbers(300))]))
})

green('one that comes back, from memory or from far behind, misses nothing', function* () {
  yield* say('first')
  const { last } = yield* room.backlog()
  yield* say(...numbers(50))
  expect(yield* read(last, 50)).toEqual(numbers(50))
  yield* say(...numbers(1000, 50))
  expect(yield* read(last, 1050)).toEqual(numbers(1050))
  expect(yield* read(START, 1051)).toEqual(['first', ...numbers(1050)])
})

green('what the log has dropped is not passed over in silence', function* () {
  const first = yield* say('first')
  yield* say(...numbers(2 * KEPT))
  const { entries, gap } = yield* room.after(first, 0)
  expect(gap).toBe(true)
  expect(Number(entries[0]!.text)).toBeGreaterThan(0)
})

green('a room that closes lets go all who wait in it', function* () {
  const waiting = spawn(() => room.after(START, 0))
  yield* sleep(0)
  room.close()
  expect(yield* waiting.get()).toEqual({ entries: [], last: START, gap: false })
})

green('people are those of all servers, and a room without people closes', function* () {
  const [here, there] = [new Rooms(bus), new Rooms(new Neighbour(bus))]
  const [one, other] = [yield* here.enter('den', 'Ada'), yield* there.enter('den', 'Bob')]
  expect(yield* here.enter('den', 'Ada')).toBe(one)
  while (one.people.length < 2 || other.people.length < 2) yield* one.after(START, one.changes, 0.1)
  expect([one.people, other.people]).toEqual([
    ['Ada', 'Bob'],
    ['Ada', 'Bob'],
  ])
  there.leave(other, 'Bob')
  here.leave(one, 'Ada')
  expect([one.isClosed, other.isClosed]).toEqual([false, true])
  while (one.people.length > 1) yield* one.after(START, one.changes, 0.1)
  here.leave(one, 'Ada')
  expect(one.isClosed).toBe(true)
  yield* here.end()
  yield* there.end()
})

/** The same bus for a second server: in one process each room may be followed only once. */
class Neighbour extends MemoryBus {
  readonly #bus: MemoryBus

  constructor(bus: MemoryBus) {
    super()
    this.#bus = bus
  }

  override present(room: string, server: string, names: readonly string[]) {
    return this.#bus.present(room, server, names)
  }
}
