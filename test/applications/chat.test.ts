/** The chat on one server, as clients see it: over long polling and over WebSocket. */
import { once } from 'node:events'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Chat, connectTo, type Frame, postTo, startChat } from './chat-harness.ts'

let chat: Chat
let keys = 0

beforeEach(async () => {
  chat = await startChat()
})

afterEach(() => chat.stop())

const newKey = () => `key-${keys++}`.padStart(8, '0')
const messages = (query: string) => `${chat.site}/rooms/lobby/messages?${query}`
const connect = (query: string) => connectTo(chat.site, query)

async function poll(query: string): Promise<Required<Frame>> {
  const response = await fetch(messages(query))
  expect(response.status).toBe(200)
  return (await response.json()) as Required<Frame>
}

const post = (body: unknown, headers = {}) => postTo(chat.site, body, headers)

test('a poll waits for the next message, and goes on from the last id', async () => {
  const newcomer = await poll('name=Bob')
  expect(newcomer).toMatchObject({ entries: [], last: '0-0' })
  const waiting = poll(`name=Bob&after=${newcomer.last}`)
  const { id } = (await (await post({ text: 'one', key: newKey() })).json()) as Frame
  expect((await waiting).entries).toEqual([{ id, name: 'Ada', text: 'one' }])
  await post({ text: 'two', key: newKey() })
  const next = await poll(`name=Bob&after=${id}`)
  expect(next.entries.map(({ text }) => text)).toEqual(['two'])
  expect((await poll('name=Bob')).entries.map(({ text }) => text)).toEqual(['one', 'two'])
})

test('a post that is repeated is acknowledged as before, and is there once', async () => {
  const key = newKey()
  const [first, again] = [await post({ text: 'one', key }), await post({ text: 'one', key })]
  expect([first.status, again.status]).toEqual([201, 201])
  expect(await first.json()).toEqual(await again.json())
  expect((await poll('name=Bob')).entries).toHaveLength(1)
})

test.each([
  ['no JSON', 400, '{'],
  ['no key', 400, { text: 'one' }],
  ['nothing but spaces', 400, { text: '  ', key: '12345678' }],
  ['too long a text', 400, { text: 'x'.repeat(2001), key: '12345678' }],
  ['too long a post', 413, 'x'.repeat(20_000)],
])('a post with %s is refused with %i', async (_, status, body) => {
  expect((await post(body)).status).toBe(status)
})

test('a request that is wrong is refused', async () => {
  const status = async (url: string, init = {}) => (await fetch(url, init)).status
  expect(await status(messages(''))).toBe(400)
  expect(await status(messages('name=Bob&after=x'))).toBe(400)
  expect(await status(messages(`name=${'x'.repeat(33)}`))).toBe(400)
  expect(await status(messages('name=Bob'), { method: 'DELETE' })).toBe(405)
  expect(await status(`${chat.site}/rooms/a%20b/messages?name=Bob`)).toBe(404)
  expect(await status(`${chat.site}/rooms/lobby/socket?name=Bob`)).toBe(426)
})

test('pages of other sites can neither post nor read nor connect', async () => {
  const foreign = { Origin: 'http://elsewhere.example' }
  expect((await post('text=x', { 'Content-Type': 'text/plain' })).status).toBe(415)
  const preflight = await fetch(messages('name=Bob'), { method: 'OPTIONS', headers: foreign })
  expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  const socket = new WebSocket(`${chat.site.replace('http', 'ws')}/rooms/lobby/socket?name=Bob`, {
    headers: foreign,
  })
  expect(String(await once(socket, 'error').then(([error]) => error))).toContain('403')
  const own = await fetch(messages('name=Bob'), { headers: { Origin: chat.site } })
  expect(own.headers.get('access-control-allow-origin')).toBe(chat.site)
})

test('people talk over WebSocket, and see who is there', async () => {
  const [ada, bob] = [await connect('name=Ada'), await connect('name=B%C3%B6b')]
  await ada.until(() => ada.frames.at(-1)?.people?.count === 2)
  expect(ada.frames.at(-1)!.people!.names).toEqual(['Ada', 'Böb'])
  ada.say('<b>one</b>', newKey())
  bob.say('two', newKey())
  await Promise.all([ada, bob].map((each) => each.until(() => each.texts().length === 2)))
  expect(ada.texts().toSorted()).toEqual(['<b>one</b>', 'two'])
  expect(bob.texts()).toEqual(ada.texts())
  await ada.until(() => ada.frames.some(({ ack }) => ack))
  bob.socket.terminate()
  await ada.until(() => ada.frames.at(-1)?.people?.count === 1)
})

test('one that comes back gets what it has missed, and nothing twice', async () => {
  const bob = await connect('name=Bob')
  bob.say('one', newKey())
  await bob.until(() => bob.texts().length === 1)
  const { last } = bob.frames.findLast(({ entries }) => entries?.length)!
  bob.socket.terminate()
  for (const text of ['two', 'three']) await post({ text, key: newKey() })
  const again = await connect(`name=Bob&after=${last}`)
  await again.until(() => again.texts().length === 2)
  again.say('four', newKey())
  await again.until(() => again.texts().length === 3)
  expect(again.texts()).toEqual(['two', 'three', 'four'])
})

test('what is no post ends the conversation with 1008, too long a one with 1009', async () => {
  for (const [said, code] of [
    ['hello', 1008],
    ['x'.repeat(20_000), 1009],
  ] as const) {
    const { socket } = await connect('name=Bob')
    socket.send(said)
    expect((await once(socket, 'close'))[0]).toBe(code)
  }
})

test('one that does not read holds up nobody, and gets all of it later', async () => {
  const [ada, slow] = [await connect('name=Ada'), await connect('name=Slow&after=0-0')]
  slow.socket.pause()
  const texts = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(1900)}`)
  for (const text of texts) ada.say(text, newKey())
  await ada.until(() => ada.texts().length === texts.length)
  expect(ada.texts()).toEqual(texts)
  expect(slow.texts()).toEqual([])
  slow.socket.resume()
  await slow.until(() => slow.texts().length === texts.length)
  expect(slow.texts()).toEqual(texts)
})

test('a server that closes says so to all, at once', async () => {
  const { socket } = await connect('name=Bob')
  const { last } = await poll('name=Cy')
  const waiting = poll(`name=Cy&after=${last}`)
  await once(socket, 'message')
  const stopped = chat.stop()
  expect((await once(socket, 'close'))[0]).toBe(1001)
  expect((await waiting).entries).toEqual([])
  await stopped
})
