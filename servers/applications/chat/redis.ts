/**
 * How do green threads talk to Redis? Through its client for Node, whose promises they wait for.
 * This file has what the right bus and the wrong one share.
 */
import { createClient, type RedisClientType } from '@redis/client'
import { Event, type Green, spawn } from '../../07-green-threads/gevent.ts'
import { reasonOf } from '../../support/error-code.ts'
import { promised } from '../promised.ts'
import { PRESENT } from './bus.ts'

/** Milliseconds between two attempts to reach Redis: not all servers come at the same moment. */
const RETRY = { least: 100, most: 500 }

/** Milliseconds of silence after which a connection counts as dead. A live one is never so silent. */
const SILENCE = 10_000

/** Seconds in which Redis must answer, or the post fails. The client of the chat repeats it. */
const PATIENCE = 5

/** Minutes for which the key of a post is remembered: longer than a client repeats it. */
const KEY_MINUTES = 15

/** The keys of a room. The braces tell Redis Cluster to keep all of a room on one machine. */
export const keyOf = (room: string, what: string) => `chat:{${room}}:${what}`

/** A connection to Redis, which is made anew whenever it is lost. */
export class Redis {
  readonly client: RedisClientType
  /** The number that Redis has given this connection. */
  id = 0
  readonly #connected = new Event()
  #isTold = false

  constructor(url: string) {
    this.client = createClient({
      url,
      socket: {
        reconnectStrategy: () => RETRY.least + (RETRY.most - RETRY.least) * Math.random(),
        connectTimeout: PATIENCE * 1000,
        socketTimeout: SILENCE,
      },
      pingInterval: SILENCE / 4,
      // A post must fail at once while Redis is away: a client that waits can't tell how it stands.
      disableOfflineQueue: true,
    }) as RedisClientType
    this.client.on('error', (error) => this.#lost(error))
    this.client.on('ready', () => spawn(() => this.#greet()))
    // It fails only when it is closed; what is wrong before that is said by `#lost`.
    this.client.connect().catch(() => {})
  }

  /** Waits until Redis can be used. */
  *connected(): Green<void> {
    yield* this.#connected.wait()
  }

  /** Waits for an answer of Redis. Throws if there is none in time: then nobody knows what it did. */
  *ask<Answer>(question: (client: RedisClientType) => Promise<Answer>): Green<Answer> {
    return yield* promised(question(this.client), PATIENCE)
  }

  /** Runs a script, which nothing else on this Redis can interrupt. Returns its answer. */
  *script<Answer>(text: string, keys: string[], values: string[]): Green<Answer> {
    return (yield* this.ask((client) => client.eval(text, { keys, arguments: values }))) as Answer
  }

  close(): void {
    this.client.destroy()
  }

  *#greet(): Green<void> {
    try {
      this.id = yield* this.ask((client) => client.clientId())
      this.#isTold = false
      this.#connected.set()
    } catch {
      // It is lost again, which `#lost` says.
    }
  }

  /** This is called at each attempt, and says it once. */
  #lost(error: unknown): void {
    if (!this.#isTold) process.stderr.write(`chat: no Redis, trying again (${reasonOf(error)})\n`)
    this.#isTold = true
    this.#connected.clear()
  }
}

// #region once
/**
 * What `append` runs: a message whose key is known is not added again. Redis runs the whole script
 * or nothing, and writes it to its file as one: no message can be there without its key.
 *
 * @param add what adds the message `ARGV[1]` to the room, whose key is `KEYS[2]`, and gives an `id`
 */
export function once(add: string): string {
  return `
    local known = redis.call('GET', KEYS[1])
    if known then return known end
    ${add}
    redis.call('SET', KEYS[1], id, 'EX', ${KEY_MINUTES * 60})
    return id`
}
// #endregion once

/**
 * Each server's names are a key of their own, which Redis forgets when the server is silent. The
 * braces in its name keep it on the machine of the room.
 */
const PRESENCE = `
  local names = KEYS[1] .. ':' .. ARGV[1]
  if ARGV[2] == '[]' then redis.call('DEL', names)
  else redis.call('SET', names, ARGV[2], 'EX', ${PRESENT}) end
  redis.call('SADD', KEYS[1], ARGV[1])
  local all = {}
  for _, server in ipairs(redis.call('SMEMBERS', KEYS[1])) do
    local there = redis.call('GET', KEYS[1] .. ':' .. server)
    if there then table.insert(all, there) else redis.call('SREM', KEYS[1], server) end
  end
  return all`

/** Who is in the room: see `present` of the bus. */
export function* presentIn(
  redis: Redis,
  room: string,
  server: string,
  names: readonly string[],
): Green<string[]> {
  const values = [server, JSON.stringify(names)]
  const lists: string[] = yield* redis.script(PRESENCE, [keyOf(room, 'people')], values)
  return [...new Set(lists.flatMap((list) => JSON.parse(list) as string[]))]
}
