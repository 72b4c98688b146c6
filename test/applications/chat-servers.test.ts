/** The chat on two servers that share a Redis: what the right bus keeps, and the wrong one loses. */
import { afterEach, expect, test } from 'vitest'
import type { RedisServer } from '../../bench/storm/redis-server.ts'
import { type Chat, connectTo, type Frame, postTo, startChat } from './chat-harness.ts'
import { withRedis } from './redis.ts'

const chats: Chat[] = []

afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.stop()
})

async function open(bus: string): Promise<string> {
  const chat = await startChat(bus)
  chats.push(chat)
  return chat.site
}

withRedis('streams', (redis) => {
  test('who goes on at another server has missed nothing', async () => {
    expect(await goesOnElsewhere(redis().url)).toEqual(['while nobody was connected', 'later'])
  })

  test('people on two servers see one order', () => oneOrder(redis()))

  test('Redis is killed: posts fail until it is back, and none is there twice', () =>
    redisAway(redis()))
})

withRedis('publish and subscribe', (redis) => {
  test('who goes on at another server has missed what was said in between', async () => {
    expect(await goesOnElsewhere(`pubsub+${redis().url}`)).toEqual(['later'])
  })
})

/** Leaves one server, and comes to another one, with the last id that it has seen. */
async function goesOnElsewhere(bus: string): Promise<string[]> {
  const [one, two] = [await open(bus), await open(bus)]
  const before = await connectTo(one, 'name=Bob')
  before.say('first', 'key-first')
  await before.until(() => before.texts().includes('first'))
  const { last } = before.frames.findLast(({ entries }) => entries?.length)!
  before.socket.terminate()
  // It is acknowledged: the server says that all is well.
  const post = await postTo(two, { text: 'while nobody was connected', key: 'key-between' })
  expect(post.status).toBe(201)
  const after = await connectTo(two, `name=Bob&after=${last}`)
  await after.until(() => after.frames.length > 0)
  await postTo(one, { text: 'later', key: 'key-later' })
  await after.until(() => after.texts().includes('later'))
  return after.texts()
}

async function oneOrder(redis: RedisServer): Promise<void> {
  const [one, two] = [await open(redis.url), await open(redis.url)]
  const [ada, bob] = [await connectTo(one, 'name=Ada'), await connectTo(two, 'name=Bob')]
  await Promise.all([ada, bob].map((each) => each.until(() => each.frames.length > 0)))
  const old = ada.texts()
  for (let i = 0; i < 50; i++) {
    ada.say(`a${i}`, `key-of-a-${i}`)
    bob.say(`b${i}`, `key-of-b-${i}`)
  }
  const all = old.length + 100
  await Promise.all([ada, bob].map((each) => each.until(() => each.texts().length === all)))
  expect(bob.texts()).toEqual(ada.texts())
  const said = ada.texts().slice(old.length)
  const of = (name: string) => Array.from({ length: 50 }, (_, i) => `${name}${i}`)
  expect(said.filter((text) => text.startsWith('a'))).toEqual(of('a'))
  expect(said.filter((text) => text.startsWith('b'))).toEqual(of('b'))
}

async function redisAway(redis: RedisServer): Promise<void> {
  const site = await open(redis.url)
  const ada = await connectTo(site, 'name=Ada')
  await ada.until(() => ada.frames.length > 0)
  await redis.kill()
  ada.say('said while Redis is away', 'key-away')
  await ada.until(() => ada.frames.at(-1)?.refused === 'key-away')
  expect((await postTo(site, { text: 'x', key: 'key-http' })).status).toBe(503)
  expect(await redis.resume()).toBe(true)
  // As a client does: the same post, until it is acknowledged.
  const answers = () => ada.frames.filter(({ ack, refused }) => ack ?? refused).length
  for (let last: Frame = {}; !last.ack; last = ada.frames.findLast((f) => f.ack ?? f.refused)!) {
    const count = answers()
    ada.say('said while Redis is away', 'key-away')
    await ada.until(() => answers() > count)
  }
  await ada.until(() => ada.texts().includes('said while Redis is away'))
  ada.say('last', 'key-last')
  await ada.until(() => ada.texts().at(-1) === 'last')
  expect(ada.texts().filter((text) => text.includes('away'))).toHaveLength(1)
}
