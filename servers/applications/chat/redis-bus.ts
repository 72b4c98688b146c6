/**
 * The bus of a chat on several servers: a stream of Redis for each room. A stream is a log, and Redis
 * keeps it in its file. What a server has missed, since it or Redis was away, is still there.
 *
 * A connection on which a read blocks can do nothing else meanwhile. So there are two: one that
 * reads all rooms of this server, and one for all the rest.
 *
 * Streams: https://redis.io/docs/latest/develop/data-types/streams/
 */
import { Event, type Green, GreenletExit, sleep, spawn } from '../../07-green-threads/gevent.ts'
import { call } from '../../07-green-threads/greenlet.ts'
import type { Pending } from '../../07-green-threads/hub.ts'
import { promised } from '../promised.ts'
import { type Bus, type Entry, KEPT, type Message, type Take } from './bus.ts'
import { keyOf, once, presentIn, Redis } from './redis.ts'

/** Milliseconds that a read blocks at most: a connection that says nothing for longer is dead. */
const BLOCK = 1000

/** Entries that one read returns of each room, at most. */
const COUNT = 500

/** Days after which a room in which nothing is said is forgotten. */
const DAYS = 30

// #region append
/** `MAXLEN ~`: Redis drops old entries by the block, which costs nearly nothing. */
const APPEND = once(`
    local id = redis.call('XADD', KEYS[2], 'MAXLEN', '~', ${KEPT}, '*', 'message', ARGV[1])
    redis.call('EXPIRE', KEYS[2], ${DAYS * 24 * 3600})`)
// #endregion append

interface Raw {
  readonly id: string
  readonly message: Record<string, string>
}

interface Follower {
  readonly room: string
  after: string
  readonly take: Take
}

export class RedisBus implements Bus {
  readonly #redis: Redis
  readonly #reading: Redis
  readonly #followers = new Map<string, Follower>()
  readonly #isFollowing = new Event()
  readonly #reader = spawn(() => this.#read())
  /** The number of the read that runs. */
  #round = 0

  private constructor(url: string) {
    this.#redis = new Redis(url)
    this.#reading = new Redis(url)
  }

  /** Waits until Redis is there. */
  static *open(url: string): Green<RedisBus> {
    const bus = new RedisBus(url)
    yield* bus.#redis.connected()
    yield* bus.#reading.connected()
    return bus
  }

  append(room: string, message: Message, key: string): Green<string> {
    const keys = [keyOf(room, `key:${key}`), keyOf(room, 'log')]
    return this.#redis.script(APPEND, keys, [JSON.stringify(message)])
  }

  *from(room: string, id: string, limit: number): Green<Entry[]> {
    const log = keyOf(room, 'log')
    const read = yield* this.#redis.ask((redis) => redis.xRange(log, id, '+', { COUNT: limit }))
    return read.map(entryOf)
  }

  *last(room: string, count: number): Green<Entry[]> {
    const log = keyOf(room, 'log')
    const read = yield* this.#redis.ask((redis) => redis.xRevRange(log, '+', '-', { COUNT: count }))
    return read.map(entryOf).reverse()
  }

  present(room: string, server: string, names: readonly string[]): Green<string[]> {
    return presentIn(this.#redis, room, server, names)
  }

  follow(room: string, after: string, take: Take): Green<Pending> {
    return call(() => {
      if (this.#followers.has(room)) throw new Error(`the room ${room} has a follower already`)
      const follower = { room, after, take }
      this.#followers.set(room, follower)
      this.#isFollowing.set()
      spawn(() => this.#interrupt(this.#round))
      return { cancel: () => this.#leave(follower) }
    })
  }

  close(): void {
    this.#reader.kill()
    this.#redis.close()
    this.#reading.close()
  }

  #leave(follower: Follower): void {
    if (this.#followers.get(follower.room) === follower) this.#followers.delete(follower.room)
  }

  // #region read
  /** After a failure it reads from the same ids again: the log still has what comes after them. */
  *#read(): Green<void> {
    for (;;) {
      if (this.#followers.size === 0) this.#isFollowing.clear()
      yield* this.#isFollowing.wait()
      yield* this.#reading.connected()
      try {
        yield* this.#readOnce([...this.#followers.values()])
      } catch (error) {
        if (error instanceof GreenletExit) throw error
        // The connection is lost, which has been said on stderr.
        yield* sleep(0.1)
      }
    }
  }

  *#readOnce(followers: readonly Follower[]): Green<void> {
    this.#round++
    const logs = followers.map(({ room, after }) => ({ key: keyOf(room, 'log'), id: after }))
    const read = this.#reading.client.xRead(logs, { BLOCK, COUNT })
    const streams = (yield* promised(read)) as { name: string; messages: Raw[] }[] | null
    for (const { name, messages } of streams ?? []) {
      const follower = followers.find(({ room }) => keyOf(room, 'log') === name)!
      // It may have left meanwhile, and another one may have come.
      if (this.#followers.get(follower.room) !== follower) continue
      follower.after = messages.at(-1)!.id
      follower.take(messages.map(entryOf))
    }
  }
  // #endregion read

  /** Ends the read that blocks, which knows nothing of a new room yet; the next one has it. */
  *#interrupt(round: number): Green<void> {
    const unblock = ['CLIENT', 'UNBLOCK', String(this.#reading.id)]
    try {
      while (this.#round === round) {
        yield* this.#redis.ask((redis) => redis.sendCommand(unblock))
        // Redis may have had this before the read itself, which is on another connection.
        yield* sleep(0.01)
      }
    } catch (error) {
      if (error instanceof GreenletExit) throw error
      // Redis is away. A read ends after a second by itself.
    }
  }
}

function entryOf({ id, message }: Raw): Entry {
  return { id, ...(JSON.parse(message.message!) as Message) }
}
