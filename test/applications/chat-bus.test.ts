/** One suite for the buses of the chat. The pub/sub bus must fail it where it loses. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Event, type Green, run, sleep, spawn } from '../../servers/07-green-threads/gevent.ts'
import { type Bus, compareIds, type Entry, START } from '../../servers/applications/chat/bus.ts'
import { MemoryBus } from '../../servers/applications/chat/memory-bus.ts'
import { PubSubBus } from '../../servers/applications/chat/pubsub-bus.ts'
import { RedisBus } from '../../servers/applications/chat/redis-bus.ts'
import { caught } from '../runtimes/green-harness.ts'
import { withRedis } from './redis.ts'

type Open = () => Green<Bus>

let rooms = 0
let room = ''
const open: Bus[] = []

beforeEach(() => {
  room = `room-${rooms++}`
})

afterEach(() => {
  for (const bus of open.splice(0)) bus.close()
})

function* opened(make: Open): Green<Bus> {
  const bus = yield* make()
  open.push(bus)
  return bus
}

/** Appends texts one after the other, and returns their ids. */
function* say(bus: Bus, ...texts: string[]): Green<string[]> {
  const ids: string[] = []
  for (const text of texts) ids.push(yield* bus.append(room, { name: 'Ada', text }, `key ${text}`))
  return ids
}

/** Follows the room; `until(n)` waits for n entries. */
function* listener(bus: Bus, after: string) {
  const heard: Entry[] = []
  const more = new Event()
  const following = yield* bus.follow(room, after, (entries) => {
    heard.push(...entries)
    more.set()
  })
  function* until(count: number): Green<string[]> {
    while (heard.length < count) {
      more.clear()
      yield* more.wait()
    }
    return heard.map(({ text }) => text)
  }
  return { heard, until, following }
}

/** What every bus must do while all that it is made of runs. */
function always(make: Open): void {
  const green = (name: string, body: (bus: Bus) => Green<void>) =>
    test(name, () =>
      run(function* () {
        yield* body(yield* opened(make))
      }),
    )

  green('gives ids that are the order of the room', function* (bus) {
    const ids = yield* say(bus, 'a', 'b', 'c')
    expect(ids.toSorted(compareIds)).toEqual(ids)
    expect(new Set(ids).size).toBe(3)
    expect(compareIds(START, ids[0]!)).toBeLessThan(0)
  })

  green('hands each message on once, in one order', function* (bus) {
    const { until, heard } = yield* listener(bus, START)
    const both = [spawn(() => say(bus, 'a', 'b', 'c')), spawn(() => say(bus, 'd', 'e', 'f'))]
    for (const each of both) yield* each.get()
    yield* until(6)
    const ids = heard.map(({ id }) => id)
    expect(ids.toSorted(compareIds)).toEqual(ids)
    expect(heard.map(({ text }) => text).toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
  })

  green('adds a post that is repeated only once', function* (bus) {
    const { until } = yield* listener(bus, START)
    const [first] = yield* say(bus, 'a')
    expect(yield* say(bus, 'a')).toEqual([first])
    yield* say(bus, 'b')
    expect(yield* until(2)).toEqual(['a', 'b'])
  })

  green('follows several rooms, and one that is new while it waits', function* (bus) {
    const first = yield* listener(bus, START)
    yield* say(bus, 'a')
    yield* first.until(1)
    room = `${room}-other`
    const second = yield* listener(bus, START)
    yield* say(bus, 'b')
    expect(yield* second.until(1)).toEqual(['b'])
    expect(first.heard).toHaveLength(1)
  })

  green('lets a room be followed by one, and again when that one has left', function* (bus) {
    const { following, heard } = yield* listener(bus, START)
    expect(String(yield* caught(() => listener(bus, START)))).toContain('follower already')
    following.cancel()
    const again = yield* listener(bus, START)
    yield* say(bus, 'a')
    yield* again.until(1)
    expect(heard).toEqual([])
  })

  green('knows who is there on all servers, and forgets one that says nobody', function* (bus) {
    yield* bus.present(room, 'one', ['Ada', 'Bob'])
    expect(new Set(yield* bus.present(room, 'two', ['Bob', 'Cy']))).toEqual(
      new Set(['Ada', 'Bob', 'Cy']),
    )
    yield* bus.present(room, 'one', [])
    expect(yield* bus.present(room, 'two', ['Cy'])).toEqual(['Cy'])
  })
}

/** What a client that comes back needs. */
function fromTheLog(make: Open): void {
  const green = (name: string, body: (bus: Bus) => Green<void>) =>
    test(name, () =>
      run(function* () {
        yield* body(yield* opened(make))
      }),
    )

  green('gives the newest, and those from an id on', function* (bus) {
    const [, b] = yield* say(bus, 'a', 'b', 'c', 'd')
    const texts = (entries: Entry[]) => entries.map(({ text }) => text)
    expect(texts(yield* bus.last(room, 2))).toEqual(['c', 'd'])
    expect(texts(yield* bus.from(room, b!, 2))).toEqual(['b', 'c'])
    expect(texts(yield* bus.from(room, START, 9))).toEqual(['a', 'b', 'c', 'd'])
    expect(yield* bus.last(`${room}-empty`, 2)).toEqual([])
  })

  green('begins to follow with what was said after the id', function* (bus) {
    const [a] = yield* say(bus, 'a', 'b', 'c')
    const { until } = yield* listener(bus, a!)
    yield* say(bus, 'd')
    expect(yield* until(3)).toEqual(['b', 'c', 'd'])
  })
}

describe('in memory', () => {
  const make: Open = function* () {
    yield* sleep(0)
    return new MemoryBus()
  }
  always(make)
  fromTheLog(make)
})

withRedis('streams of Redis', (redis) => {
  const make = () => RedisBus.open(redis().url)
  always(make)
  fromTheLog(make)
  test('a server that starts later knows all', () => run(() => startsLater(make)))
  test('Redis is killed: nothing that was acknowledged is lost, and reading goes on', () =>
    run(() => redisDies(make, redis())))
})

withRedis('publish and subscribe, the wrong bus', (redis) => {
  const make = () => PubSubBus.open(redis().url)
  always(make)
  test('a server that starts later knows nothing', async () => {
    await expect(run(() => startsLater(make))).rejects.toThrow(/expected \[\] to deeply equal/)
  })
})

/** A server that has run all the time, and one that starts when two messages have been said. */
function* startsLater(make: Open): Green<void> {
  const first = yield* opened(make)
  const { until } = yield* listener(first, START)
  const [a] = yield* say(first, 'a', 'b')
  yield* until(2)
  const second = yield* opened(make)
  const missed = yield* second.from(room, a!, 9)
  expect(missed.map(({ text }) => text)).toEqual(['a', 'b'])
}

function* redisDies(make: Open, redis: { kill(): Promise<void>; resume(): Promise<boolean> }) {
  const [here, there] = [yield* opened(make), yield* opened(make)]
  const { until } = yield* listener(there, START)
  const [a] = yield* say(here, 'a')
  yield* until(1)
  const killed = new Event()
  redis.kill().then(() => killed.set())
  yield* killed.wait()
  const failure = yield* caught(() => say(here, 'b'))
  expect(failure).toBeInstanceOf(Error)
  const back = new Event()
  redis.resume().then(() => back.set())
  yield* back.wait()
  yield* untilSaid(here, 'b')
  expect(yield* until(2)).toEqual(['a', 'b'])
  expect((yield* here.from(room, a!, 9)).map(({ text }) => text)).toEqual(['a', 'b'])
}

/** Repeats a post until it is acknowledged, as a client does. */
function* untilSaid(bus: Bus, text: string): Green<void> {
  for (;;) {
    try {
      yield* say(bus, text)
      return
    } catch {
      yield* sleep(0.05)
    }
  }
}
