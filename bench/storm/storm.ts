/**
 * A chat in a storm: people talk, while its servers are killed and started again, and Redis once.
 * At the end it is counted what was lost.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSeconds } from '../../clients/process-stats.ts'
import { Crew } from './crew.ts'
import { Person } from './person.ts'
import { Random } from './random.ts'
import { RedisServer } from './redis-server.ts'
import { type Tally, tallyOf } from './tally.ts'

export const BUSES = ['redis', 'pubsub'] as const

export interface StormOptions {
  readonly servers: number
  readonly people: number
  readonly rooms: number
  readonly seconds: number
  /** Posts a second, of all people together. */
  readonly rate: number
  readonly bus: (typeof BUSES)[number]
  readonly seed: number
  /** Nothing is killed: for figures. */
  readonly calm: boolean
}

export interface Outcome extends Tally {
  readonly options: StormOptions
  readonly serverKills: number
  readonly redisKills: number
  /** Messages that people have seen, and the seconds for which they talked. */
  readonly delivered: number
  readonly seconds: number
  /** CPU time in that time, in seconds. */
  readonly serverCpu: number
  readonly redisCpu: number
  /** Milliseconds until an author saw its own message: sorted. */
  readonly delays: readonly number[]
}

/** Milliseconds for which Redis is away. */
const REDIS_AWAY = [300, 1500] as const

/** Milliseconds for posts that wait at the end, and without any news after which none is expected. */
const LAST_POSTS = 30_000
const SILENCE = 4000

export async function runStorm(options: StormOptions): Promise<Outcome> {
  const redis = await RedisServer.start()
  try {
    const bus = options.bus === 'redis' ? redis.url : `pubsub+${redis.url}`
    const crew = await Crew.start(options.servers, bus)
    try {
      return await talk(options, redis, crew)
    } finally {
      await crew.stop()
    }
  } finally {
    await redis.stop()
  }
}

async function talk(options: StormOptions, redis: RedisServer, crew: Crew): Promise<Outcome> {
  const random = new Random(options.seed)
  const people = Array.from({ length: options.people }, (_, i) => {
    const room = i % options.rooms
    // The people of each room begin on all servers.
    const server = Math.floor(i / options.rooms) % options.servers
    return new Person(`person-${i}`, `room-${room}`, crew.addresses, server, random)
  })
  await Promise.all(people.map((person) => person.join()))
  const before = { at: performance.now(), server: crew.cpu, redis: cpuSeconds(redis.pid) ?? 0 }
  const redisKills = await storm(options, people, redis, crew, random)
  const seconds = (performance.now() - before.at) / 1000
  // A Redis that was restarted has begun to count anew.
  const redisCpu = (cpuSeconds(redis.pid) ?? 0) - (redisKills > 0 ? 0 : before.redis)
  const serverCpu = crew.cpu - before.server
  await settled(people)
  for (const person of people) person.leave()
  const delivered = people.reduce((total, { seen }) => total + seen.length, 0)
  const delays = people.flatMap((person) => person.delays).toSorted((a, b) => a - b)
  const kills = { serverKills: crew.kills, redisKills }
  return { options, ...tallyOf(people), ...kills, delivered, seconds, serverCpu, redisCpu, delays }
}

/** People post at this rate until the time is over, and the servers have been started again. */
async function storm(
  { seconds, rate, calm }: StormOptions,
  people: readonly Person[],
  redis: RedisServer,
  crew: Crew,
  random: Random,
): Promise<number> {
  const over = AbortSignal.timeout(seconds * 1000)
  // A timer of its own for what is killed, so that the rate doesn't change who is.
  const fate = new Random(Math.floor(random.next() * 2 ** 32))
  const killing = calm ? [] : [crew.storm(fate, over), restart(redis, seconds, fate)]
  const posting = setInterval(() => random.of(people).say(), 1000 / rate)
  await new Promise((resolve) => over.addEventListener('abort', resolve))
  clearInterval(posting)
  await Promise.all(killing)
  return calm ? 0 : 1
}

/** Redis is killed in the middle of the storm, and comes back with its file. */
async function restart(redis: RedisServer, seconds: number, random: Random): Promise<void> {
  await sleep(seconds * 500)
  await redis.kill()
  await sleep(random.between(...REDIS_AWAY))
  if (!(await redis.resume())) throw new Error('Redis did not start again')
}

/** Waits until nothing more is to come. A bus that loses messages is given its time. */
async function settled(people: readonly Person[]): Promise<void> {
  const deadline = performance.now() + LAST_POSTS
  const isWaiting = () => people.some(({ waiting }) => waiting > 0)
  while (isWaiting() && performance.now() < deadline) await sleep(100)
  let quietSince = performance.now()
  for (let before = -1; performance.now() - quietSince < SILENCE; await sleep(100)) {
    const seen = people.reduce((total, person) => total + person.seen.length, 0)
    if (seen !== before) quietSince = performance.now()
    before = seen
    if (tallyOf(people).lost === 0 && !isWaiting()) return
  }
}
