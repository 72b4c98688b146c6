/** What a program sees of a WebSocket: messages, pings, ends. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import {
  ConcurrentObjectUseError,
  Event,
  hub,
  sleep,
  spawn,
  withTimeout,
} from '../../servers/07-green-threads/gevent.ts'
import { WebSocketClosed, webSocket } from '../../servers/applications/websocket/web-socket.ts'
import {
  closeAfterEach,
  closing,
  echo,
  frame,
  OPCODE,
  open,
  RawClient,
  serve,
} from './websocket-harness.ts'

const { text, binary, close, ping, pong } = OPCODE
const MiB = 2 ** 20

closeAfterEach()

const TLS = {
  certfile: fileURLToPath(new URL('../tls/localhost.pem', import.meta.url)),
  keyfile: fileURLToPath(new URL('../tls/localhost.key', import.meta.url)),
}

test('a receive that is given up takes no message', async () => {
  const asked = new Event()
  const { client } = await open(function* (socket) {
    expect(yield* withTimeout(0.01, () => socket.receive(), 'none')).toBe('none')
    asked.set()
    yield* echo(socket)
  })
  while (!asked.isSet()) await delay(1)
  client.send(text, 'a')
  client.send(text, 'b')
  expect((await client.next())!.payload.toString()).toBe('a')
  expect((await client.next())!.payload.toString()).toBe('b')
})

test.each([
  { maxPayload: 0 },
  { maxPayload: 1.5 },
  { maxPayload: 2 ** 31 },
  { pingInterval: 0 },
  { pingInterval: Number.NaN },
  { pingInterval: Number.POSITIVE_INFINITY },
])('%o can not be meant', (options) => {
  expect(() => webSocket(echo, options)).toThrow(RangeError)
})

test('over TLS, with a ping', async () => {
  const server = await serve(webSocket(echo, { pingInterval: 1 }), TLS)
  const socket = new WebSocket(`wss://localhost:${server.port}`, { ca: readFileSync(TLS.certfile) })
  await once(socket, 'open')
  await once(socket, 'ping')
  const sent = randomBytes(MiB)
  socket.send(sent)
  const [received] = await once(socket, 'message')
  expect(sent.equals(received)).toBe(true)
  socket.close(1000)
  expect((await once(socket, 'close'))[0]).toBe(1000)
})

test('two greenlets can not receive at a time', async () => {
  let error: unknown
  const { client } = await open(function* (socket) {
    spawn(() => socket.receive())
    yield* sleep()
    try {
      yield* socket.receive()
    } catch (caught) {
      error = caught
    }
  })
  await client.next()
  client.send(close, closing(1000))
  expect(await client.next()).toBeUndefined()
  expect(error).toBeInstanceOf(ConcurrentObjectUseError)
})

describe('the end', () => {
  test('the function returns: 1000, and the connection is closed', async () => {
    const { client } = await open(function* () {})
    expect(await client.next()).toMatchObject({ opcode: close, payload: closing(1000) })
    client.send(close, closing(1000))
    expect(await client.next()).toBeUndefined()
  })

  test('a client that does not answer the close frame is cut off', async () => {
    const { client, server } = await open(function* () {})
    expect(await client.rest()).toEqual([[close, closing(1000)]])
    await vi.waitFor(() => expect(server.pool.size).toBe(0))
  })

  test('the function throws: 1011, and the failure is reported', async () => {
    const reported = vi.spyOn(hub, 'handleError').mockImplementation(() => {})
    const failure = new Error('on purpose')
    const { client } = await open(() => {
      throw failure
    })
    expect(await client.next()).toMatchObject({ payload: closing(1011) })
    client.send(close, closing(1011))
    expect(await client.next()).toBeUndefined()
    await vi.waitFor(() => expect(reported).toHaveBeenCalledWith(expect.anything(), failure))
    reported.mockRestore()
  })

  test.each(['receive', 'sleep'])(
    'the server stops while the function is in %s: 1001',
    async (where) => {
      const { client, server } = await open(function* (socket) {
        yield* socket.send('here')
        yield* where === 'receive' ? socket.receive() : sleep(3600)
      })
      await client.next()
      expect(server.pool.size).toBe(1)
      const stopped = server.stop()
      expect(await client.next()).toMatchObject({ opcode: close, payload: closing(1001) })
      client.send(close, closing(1001))
      expect(await client.next()).toBeUndefined()
      await stopped
      expect(server.pool.size).toBe(0)
    },
  )

  test('the client closes: what came before is received, then undefined', async () => {
    const go = new Event()
    const received: unknown[] = []
    const over = new Event()
    const { client } = await open(function* (socket) {
      yield* go.wait()
      for (let i = 0; i < 3; i++) received.push(yield* socket.receive())
      received.push(socket.closeCode, socket.closeReason)
      over.set()
    })
    client.send(text, 'a')
    client.send(binary, 'b')
    client.send(close, closing(4000, 'tired'))
    go.set()
    expect(await client.rest()).toEqual([[close, closing(4000, 'tired')]])
    while (!over.isSet()) await delay(1)
    expect(received).toEqual(['a', Buffer.from('b'), undefined, 4000, 'tired'])
  })

  test('the client vanishes: receive returns undefined, and send throws', async () => {
    const seen: unknown[] = []
    const over = new Event()
    const { client } = await open(function* (socket) {
      seen.push(yield* socket.receive(), socket.closeCode)
      try {
        yield* socket.send('late')
      } catch (error) {
        seen.push(error)
      }
      over.set()
    })
    client.socket.resetAndDestroy()
    while (!over.isSet()) await delay(1)
    expect(seen).toEqual([undefined, 1006, expect.any(WebSocketClosed)])
  })

  test.each([999, 1005, 5000])('a program can not close with %i', async (code) => {
    let error: unknown
    const { client } = await open(function* (socket) {
      try {
        yield* socket.close(code)
      } catch (caught) {
        error = caught
      }
    })
    expect(await client.next()).toMatchObject({ payload: closing(1000) })
    expect(error).toBeInstanceOf(TypeError)
  })
})

describe('ping', () => {
  test('waits for the pong', async () => {
    let answer: unknown
    const { client } = await open(function* (socket) {
      answer = yield* socket.ping()
    })
    expect(await client.next()).toMatchObject({ opcode: ping })
    client.send(pong)
    expect(await client.next()).toMatchObject({ opcode: close })
    expect(answer).toBe(true)
  })

  test('a client that is silent and answers no ping is cut off', async () => {
    const { client } = await open(echo, { pingInterval: 0.05 })
    // After the ping comes the end, without a close frame.
    expect(await client.rest()).toEqual([[ping, Buffer.alloc(0)]])
  })

  test('a client that answers pings stays', async () => {
    const { client } = await open(echo, { pingInterval: 0.5 })
    for (let i = 0; i < 3; i++) {
      expect(await client.next()).toMatchObject({ opcode: ping })
      client.send(pong)
    }
    client.send(text, 'still here')
    expect((await client.next())!.payload.toString()).toBe('still here')
  })

  test('a client whose messages nobody receives is not taken for dead', async () => {
    const talk = webSocket(
      function* (socket) {
        yield* sleep(0.5)
        yield* echo(socket)
      },
      { pingInterval: 0.02 },
    )
    const { port } = await serve(talk)
    // In the packet of the handshake: it is there before the first ping is due.
    const client = await RawClient.open(port, '/', frame(text, 'Hello'))
    const { opcode, payload } = (await client.next())!
    expect([opcode, payload.toString()]).toEqual([text, 'Hello'])
  })
})
