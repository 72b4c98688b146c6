/** What happens when one end of a WebSocket is faster than the other. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { Event, spawn } from '../../servers/07-green-threads/gevent.ts'
import { closeAfterEach, echo, OPCODE, open } from './websocket-harness.ts'

const { text, binary } = OPCODE
const MiB = 2 ** 20

closeAfterEach()

/** Waits until a number has stopped to change. */
async function settled(look: () => number): Promise<number> {
  for (let last = look(); ; last = look()) {
    await delay(300)
    if (look() === last) return last
  }
}

test('a client that sends more than is received has to wait, and loses nothing', async () => {
  const go = new Event()
  const { client } = await open(function* (socket) {
    yield* go.wait()
    yield* echo(socket)
  })
  const messages = Array.from({ length: 32 }, () => randomBytes(MiB))
  for (const message of messages) client.send(binary, message)
  // What the kernel takes is not under our control: some MiB on each side.
  const unsent = await settled(() => client.socket.writableLength)
  expect(unsent).toBeGreaterThan(16 * MiB)
  go.set()
  for (const message of messages) {
    expect(message.equals((await client.next())!.payload)).toBe(true)
  }
})

test('a program that sends more than is read has to wait, and loses nothing', async () => {
  const messages = Array.from({ length: 32 }, () => randomBytes(MiB))
  let sent = 0
  const { client } = await open(function* (socket) {
    for (const message of messages) {
      yield* socket.send(message)
      sent++
    }
  })
  expect(await settled(() => sent)).toBeLessThan(16)
  for (const message of messages) {
    expect(message.equals((await client.next())!.payload)).toBe(true)
  }
  expect(sent).toBe(32)
})

test('a client that sends and never reads is cut off', async () => {
  const { client, server } = await open(echo, { pingInterval: 0.5 })
  client.socket.pause()
  for (let i = 0; i < 32; i++) client.send(binary, randomBytes(MiB))
  await expect(once(client.socket, 'close')).rejects.toThrow(/ECONNRESET|EPIPE/)
  await vi.waitFor(() => expect(server.pool.size).toBe(0))
})

test('of greenlets that wait to send, each has its turn, and every message is whole', async () => {
  const { client } = await open(function* (socket) {
    const senders = ['a', 'b', 'c'].map((letter) =>
      spawn(function* () {
        for (let i = 0; i < 8; i++) yield* socket.send(letter.repeat(MiB))
      }),
    )
    for (const sender of senders) yield* sender.join()
  })
  const letters: string[] = []
  for (let i = 0; i < 24; i++) {
    const { payload } = (await client.next())!
    const letter = String.fromCharCode(payload[0]!)
    expect(payload.equals(Buffer.alloc(MiB, letter))).toBe(true)
    letters.push(letter)
  }
  expect(letters.toSorted().join('')).toBe(['a', 'b', 'c'].map((l) => l.repeat(8)).join(''))
  expect(letters.indexOf('c')).toBeLessThan(letters.lastIndexOf('a'))
})

test('many small messages arrive, each of them once, in order', async () => {
  const { client } = await open(echo)
  const count = 20_000
  for (let i = 0; i < count; i++) client.send(text, `message ${i}`)
  for (let i = 0; i < count; i++) {
    expect((await client.next())!.payload.toString()).toBe(`message ${i}`)
  }
})
