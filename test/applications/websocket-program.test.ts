/** The program `websocket` as its clients see it, from outside of its process. */
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { residentBytes } from '../../clients/process-stats.ts'
import { launchApp, urlOf } from './harness.ts'
import { closeAfterEach, closing, frame, OPCODE, RawClient } from './websocket-harness.ts'

const { text, binary, close } = OPCODE
const MiB = 2 ** 20

closeAfterEach()

test('it sends numbers, one after the other, whatever the client says', async () => {
  await using server = await launchApp('websocket')
  const client = await RawClient.open(server.address.port, '/numbers')
  client.send(text, 'hello')
  for (let x = 0; x < 3; x++) {
    const { opcode, payload } = (await client.next())!
    const numbers = JSON.parse(payload.toString())
    expect([opcode, numbers]).toEqual([text, { x, y: expect.any(Number) }])
    expect([1, 2, 3, 4, 5]).toContain(numbers.y)
  }
  client.send(close, closing(1000))
  expect(await client.rest()).toEqual([[close, closing(1000)]])
})

test('at closing time clients are told at once, and the program ends', async () => {
  await using server = await launchApp('websocket')
  const client = await RawClient.open(server.address.port, '/echo')
  server.signal('SIGTERM')
  expect(await client.next()).toMatchObject({ opcode: close, payload: closing(1001) })
  client.send(close, closing(1001))
  expect(await client.next()).toBeUndefined()
  expect(await server.exited).toMatchObject({ code: 0 })
})

test('an address that there is not, and one that is only for WebSocket', async () => {
  await using server = await launchApp('websocket')
  expect((await fetch(urlOf(server, '/nothing'))).status).toBe(404)
  const answer = await fetch(urlOf(server, '/numbers'))
  expect([answer.status, await answer.text()]).toEqual([426, 'only WebSocket is served here\n'])
})

test('clients that send 1 MiB messages and never read cost 16 MiB each at most', async () => {
  await using server = await launchApp('websocket')
  const { port } = server.address
  const first = await RawClient.open(port, '/echo')
  const message = frame(binary, randomBytes(MiB))
  // What the program needs in any case is there after the first message.
  first.socket.write(message)
  await first.next()
  const before = residentBytes(server.pid)!
  const clients = await Promise.all(Array.from({ length: 8 }, () => RawClient.open(port, '/echo')))
  const sockets = clients.map(({ socket }) => socket.pause())
  for (const socket of sockets) for (let i = 0; i < 48; i++) socket.write(message)
  const unsent = () => sockets.reduce((sum, { writableLength }) => sum + writableLength, 0)
  for (let last = Number.NaN; last !== unsent(); ) {
    last = unsent()
    await delay(500)
  }
  // Otherwise this test would measure nothing: most of it has not been taken.
  expect(unsent()).toBeGreaterThan(clients.length * 24 * MiB)
  expect((residentBytes(server.pid)! - before) / clients.length).toBeLessThan(16 * MiB)
  // And the others are served.
  first.send(text, 'Hello')
  expect((await first.next())!.payload.toString()).toBe('Hello')
})
