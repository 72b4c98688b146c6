import { expect, test } from 'vitest'
import { ClientSession } from '../../clients/session.ts'
import type { StreamReader } from '../../servers/09-async-await/stream-reader.ts'
import type { StreamWriter } from '../../servers/09-async-await/stream-writer.ts'
import { openConnection } from '../../servers/09-async-await/streams.ts'
import { LocalPlaces } from '../../servers/support/places.ts'
import { connect, pair, serve, stillWaits, text } from './streams-harness.ts'

/** The client's side. */
export function clientTests(): void {
  test('reaches a server', async () => {
    const server = await serve(async (reader, writer) => {
      writer.write(Buffer.from(`you said ${text(await reader.readline())}`))
    })
    const [reader, writer] = await openConnection('127.0.0.1', server.address.port)
    writer.write(Buffer.from('hello\n'))
    expect(text(await reader.readline())).toBe('you said hello\n')
    expect(text(await reader.readline())).toBe('')
    writer.close()
    await writer.waitClosed()
  })

  test('rejects if nobody listens', async () => {
    const server = await serve(async () => {})
    const { port } = server.address
    server.close()
    await server.waitClosed()
    await expect(openConnection('127.0.0.1', port)).rejects.toThrow('ECONNREFUSED')
  })
}

/** The server: what starts it, what its handlers may do, and how it closes. */
export function serverTests(): void {
  test('rejects if the port is taken', async () => {
    const { address } = await serve(async () => {})
    await expect(serve(async () => {}, { port: address.port })).rejects.toThrow('EADDRINUSE')
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('on purpose'))],
    [
      'throws before its first await',
      () => {
        throw new Error('on purpose')
      },
    ],
  ])('a handler that %s costs only its own connection', async (_, fail) => {
    let count = 0
    const server = await serve(async (reader, writer) => {
      writer.write(await reader.read())
      await reader.read()
    })
    const faulty = await serve((reader, writer) => {
      count += 1
      if (count === 2) return fail()
      return reader.read().then((chunk) => writer.write(chunk))
    })
    const bystander = await connect(server)
    const before = await connect(faulty)
    const victim = await connect(faulty)
    await victim.receiveAll().catch(() => {})
    const after = await connect(faulty)
    for (const client of [bystander, before, after]) {
      expect((await client.ask('fine', 4)).toString()).toBe('fine')
    }
  })

  test('a handler’s end closes its connection', async () => {
    const server = await serve(async (_, writer) => writer.write(Buffer.from('bye')))
    const client = await connect(server)
    expect((await client.receiveAll()).toString()).toBe('bye')
  })

  test('close refuses new clients, and waitClosed waits for those that are served', async () => {
    const { server, client, reader, writer } = await pair()
    const { address } = server
    server.close()
    const closed = server.waitClosed()
    await expect(ClientSession.connect(address)).rejects.toThrow('ECONNREFUSED')
    expect(await stillWaits(closed)).toBe(true)
    client.end()
    await reader.read()
    writer.close()
    await closed
    await server.waitClosed()
  })
}

/** A limit on the connections that are served at a time. */
export function placeTests(): void {
  /** Echoes lines until the peer's FIN. */
  async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
    while (!reader.atEof()) writer.write(await reader.readline())
  }

  test('clients above the limit wait, unread, and are served in the order of arrival', async () => {
    const server = await serve(echo, { places: new LocalPlaces(2) })
    const queue: ClientSession[] = []
    for (let i = 0; i < 6; i++) {
      const client = await connect(server)
      await client.send(`${i}\n`)
      queue.push(client)
    }
    for (const [i, client] of queue.entries()) {
      expect((await client.receive(2)).toString()).toBe(`${i}\n`)
      for (let turn = 0; turn < 10; turn++) await client.ask('again\n', 6)
      // This client and the next one are served. The others have got no reply.
      for (const other of queue.slice(i + 2)) expect(other.unread).toBe(0)
      client.end()
      await client.receiveAll()
    }
  })

  test('a waiting client that resets takes no place', async () => {
    const server = await serve(echo, { places: new LocalPlaces(1) })
    const first = await connect(server)
    await first.ask('in\n', 3)
    const impatient = await connect(server)
    const patient = await connect(server)
    await patient.send('me\n')
    impatient.reset()
    first.end()
    expect((await patient.receive(3)).toString()).toBe('me\n')
    patient.end()
    const last = await connect(server)
    expect((await last.ask('last\n', 5)).toString()).toBe('last\n')
  })

  test('close turns waiting clients away, and lets those that are served finish', async () => {
    const server = await serve(echo, { places: new LocalPlaces(1) })
    const inside = await connect(server)
    await inside.ask('in\n', 3)
    const waiting = [await connect(server), await connect(server)]
    for (let turn = 0; turn < 10; turn++) await inside.ask('still in\n', 9)
    server.close()
    for (const client of waiting) {
      const received = await client.receiveAll().catch((error) => error.code)
      expect(['ECONNRESET', '']).toContain(String(received))
    }
    expect((await inside.ask('last\n', 5)).toString()).toBe('last\n')
    inside.end()
    await server.waitClosed()
  })
}
