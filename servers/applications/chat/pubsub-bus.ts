/**
 * The wrong bus: what a server hears from Redis, it hands on, and nobody keeps it. Many chats are
 * built so, and it is here to show what they lose.
 *
 * All else is as in redis-bus.ts: an id for each message, a key for each post, and people who go on
 * from the last id that they have seen. A server even has the newest messages of its rooms. But it
 * hears only what is said while it is connected and somebody in the room is connected to it.
 *
 * Publish and subscribe: https://redis.io/docs/latest/develop/pubsub/
 */
import type { Green } from '../../07-green-threads/gevent.ts'
import { call } from '../../07-green-threads/greenlet.ts'
import type { Pending } from '../../07-green-threads/hub.ts'
import { promised } from '../promised.ts'
import type { Bus, Entry, Message, Take } from './bus.ts'
import { keyOf, once, presentIn, Redis } from './redis.ts'

// #region publish
/** The id is such as a stream would give. PUBLISH returns when Redis has tried to send it. */
const PUBLISH = once(`
    local now = redis.call('TIME')
    local time = now[1] * 1000 + math.floor(now[2] / 1000)
    local id = string.format('%d-%d', time, redis.call('INCR', KEYS[2]))
    redis.call('PUBLISH', KEYS[2], cjson.encode({ id, ARGV[1] }))`)
// #endregion publish

export class PubSubBus implements Bus {
  readonly #redis: Redis
  readonly #subscribed: Redis
  readonly #rooms = new Set<string>()

  private constructor(url: string) {
    this.#redis = new Redis(url)
    this.#subscribed = new Redis(url)
  }

  /** Waits until Redis is there. */
  static *open(url: string): Green<PubSubBus> {
    const bus = new PubSubBus(url)
    yield* bus.#redis.connected()
    yield* bus.#subscribed.connected()
    return bus
  }

  append(room: string, message: Message, key: string): Green<string> {
    const keys = [keyOf(room, `key:${key}`), keyOf(room, 'said')]
    return this.#redis.script(PUBLISH, keys, [JSON.stringify(message)])
  }

  /** There is no log. */
  from(): Green<Entry[]> {
    return call(() => [])
  }

  last(): Green<Entry[]> {
    return call(() => [])
  }

  /** What comes after the id and has been said before, nobody can tell. */
  *follow(room: string, _after: string, take: Take): Green<Pending> {
    if (this.#rooms.has(room)) throw new Error(`the room ${room} has a follower already`)
    this.#rooms.add(room)
    const { client } = this.#subscribed
    const hear = (said: string) => take([entryOf(said)])
    try {
      // The client subscribes again by itself when it has lost the connection.
      yield* promised(client.subscribe(keyOf(room, 'said'), hear))
    } catch (error) {
      this.#rooms.delete(room)
      throw error
    }
    return {
      cancel: () => {
        this.#rooms.delete(room)
        client.unsubscribe(keyOf(room, 'said'), hear).catch(() => {})
      },
    }
  }

  present(room: string, server: string, names: readonly string[]): Green<string[]> {
    return presentIn(this.#redis, room, server, names)
  }

  close(): void {
    this.#redis.close()
    this.#subscribed.close()
  }
}

function entryOf(said: string): Entry {
  const [id, message] = JSON.parse(said) as [string, string]
  return { id, ...(JSON.parse(message) as Message) }
}
