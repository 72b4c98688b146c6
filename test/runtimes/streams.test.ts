/** The streams of async-await, judged by what asyncio's manual says of them: over real sockets. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as nextRound } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { ClientSession } from '../../clients/session.ts'
import {
  IncompleteReadError,
  LimitOverrunError,
  StreamReader,
} from '../../servers/09-async-await/stream-reader.ts'
import {
  ConnectionResetError,
  type StreamWriter,
} from '../../servers/09-async-await/stream-writer.ts'
import {
  openConnection,
  type StreamHandler,
  type StreamServer,
  type StreamServerOptions,
  startServer,
} from '../../servers/09-async-await/streams.ts'
import { LocalPlaces } from '../../servers/support/places.ts'
import { bytes, cut, sizes } from '../protocol/arbitrary.ts'

const KiB = 1024
const MiB = 1024 * KiB
const LIMIT = 65536

const opened: StreamServer[] = []
const clients: ClientSession[] = []
const writers: StreamWriter[] = []

afterEach(async () => {
  for (const client of clients.splice(0)) client[Symbol.dispose]()
  for (const writer of writers.splice(0)) writer.abort()
  for (const server of opened.splice(0)) {
    server.close()
    await server.waitClosed()
  }
})

async function serve(
  handler: StreamHandler,
  options: Partial<StreamServerOptions> = {},
): Promise<StreamServer> {
  const server = await startServer(handler, { host: '127.0.0.1', port: 0, ...options })
  opened.push(server)
  return server
}

async function connect(server: StreamServer): Promise<ClientSession> {
  const client = await ClientSession.connect(server.address)
  clients.push(client)
  return client
}

interface Pair {
  readonly server: StreamServer
  readonly client: ClientSession
  readonly reader: StreamReader
  readonly writer: StreamWriter
}

/** One connection: the client's end as a session, the server's as a reader and a writer. */
async function pair(options: Partial<StreamServerOptions> = {}): Promise<Pair> {
  let accepted: (ends: [StreamReader, StreamWriter]) => void = () => {}
  const ends = new Promise<[StreamReader, StreamWriter]>((resolve) => {
    accepted = resolve
  })
  const server = await serve((reader, writer) => {
    accepted([reader, writer])
    return writer.waitClosed()
  }, options)
  const client = await connect(server)
  const [reader, writer] = await ends
  writers.push(writer)
  return { server, client, reader, writer }
}

function text(chunk: Uint8Array): string {
  return Buffer.from(chunk).toString('latin1')
}

/**
 * A reader whose bytes come in exactly these chunks (no empty ones), which no network would
 * promise.
 */
function readerOf(chunks: readonly (Uint8Array | string)[], limit?: number): StreamReader {
  const stream = Readable.from(chunks.filter(({ length }) => length > 0).map((c) => Buffer.from(c)))
  return new StreamReader(stream as unknown as Socket, limit)
}

/** Whether a promise is still open after a hundred rounds of the event loop. */
async function stillWaits(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  const settle = () => {
    settled = true
  }
  promise.then(settle, settle)
  for (let round = 0; round < 100; round++) await nextRound()
  return !settled
}

describe('read', () => {
  test('read() gives what is there, and nothing at the end', async () => {
    const { client, reader } = await pair()
    await client.send('hello')
    expect(text(await reader.read())).toBe('hello')
    client.end()
    expect(reader.atEof()).toBe(false)
    expect(text(await reader.read())).toBe('')
    expect(reader.atEof()).toBe(true)
    expect(text(await reader.read())).toBe('')
  })

  test('read(n) gives at most n and keeps the rest', async () => {
    const reader = readerOf(['hello'])
    expect(text(await reader.read(2))).toBe('he')
    expect(text(await reader.read(0))).toBe('')
    expect(text(await reader.read(100))).toBe('llo')
    expect(text(await reader.read(1))).toBe('')
  })

  test('atEof is false while something is left to read', async () => {
    const reader = readerOf(['ab'])
    expect(text(await reader.read(1))).toBe('a')
    await nextRound()
    expect(reader.atEof()).toBe(false)
    expect(text(await reader.read())).toBe('b')
    expect(text(await reader.read())).toBe('')
    expect(reader.atEof()).toBe(true)
  })

  test.each([-1, Number.NaN, 1.5])('%d bytes are refused', async (count) => {
    const reader = readerOf(['hello'])
    await expect(reader.read(count)).rejects.toThrow(RangeError)
    await expect(reader.readexactly(count)).rejects.toThrow(RangeError)
    expect(text(await reader.readexactly(5))).toBe('hello')
  })

  test('a reset rejects the read that waits, and every one after it', async () => {
    const { client, reader } = await pair()
    const waiting = reader.read()
    client.reset()
    await expect(waiting).rejects.toThrow('ECONNRESET')
    await expect(reader.readline()).rejects.toThrow('ECONNRESET')
  })

  test('two reads at a time are refused, and the first goes on', async () => {
    const { client, reader } = await pair()
    const first = reader.readline()
    await expect(reader.read()).rejects.toThrow('another read is waiting')
    await expect(reader.readexactly(1)).rejects.toThrow('another read is waiting')
    await client.send('ab')
    await stillWaits(first)
    // Something is held by now, and belongs to the read that waits.
    await expect(reader.read(1)).rejects.toThrow('another read is waiting')
    await client.send('c\n')
    expect(text(await first)).toBe('abc\n')
  })

  test('interrupt ends the read that waits, with nothing, and no other', async () => {
    const { client, reader } = await pair()
    reader.interrupt()
    const first = reader.read()
    reader.interrupt()
    expect(text(await first)).toBe('')
    expect(reader.atEof()).toBe(false)
    await client.send('x')
    expect(text(await reader.read())).toBe('x')
  })

  test('an interrupted readexactly gives what came as the error’s partial', async () => {
    const { client, reader } = await pair()
    const first = reader.readexactly(3)
    await client.send('ab')
    await stillWaits(first)
    reader.interrupt()
    const error = await first.catch((reason) => reason)
    expect(text(error.partial)).toBe('ab')
  })
})

describe('readline', () => {
  test('gives lines with their newlines, at the end what is left', async () => {
    const reader = readerOf(['one\ntw', 'o\n', '\nthr', 'ee'])
    const lines: string[] = []
    while (!reader.atEof()) lines.push(text(await reader.readline()))
    expect(lines.slice(0, 4)).toEqual(['one\n', 'two\n', '\n', 'three'])
    expect(text(await reader.readline())).toBe('')
  })

  test('over a real connection', async () => {
    const { client, reader } = await pair()
    await client.send('one\ntwo')
    expect(text(await reader.readline())).toBe('one\n')
    client.end()
    expect(text(await reader.readline())).toBe('two')
    expect(text(await reader.readline())).toBe('')
  })
})

describe('readexactly', () => {
  test('waits for as many as were asked for, and takes no more', async () => {
    const reader = readerOf(['a', 'bc', 'defg'])
    expect(text(await reader.readexactly(0))).toBe('')
    expect(text(await reader.readexactly(5))).toBe('abcde')
    expect(text(await reader.readexactly(2))).toBe('fg')
  })

  test('at the end of the stream gives what came as the error’s partial', async () => {
    const reader = readerOf(['abc'])
    const error = await reader.readexactly(5).catch((reason) => reason)
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(text(error.partial)).toBe('abc')
    expect(error.message).toBe('the stream ended after 3 bytes, before 5 bytes')
    expect(reader.atEof()).toBe(true)
  })

  test('takes more than the limit, though the socket was paused at it', async () => {
    const { client, reader, writer } = await pair()
    const sent = Buffer.alloc(10 * LIMIT, 'x')
    const paused = once(writer.getExtraInfo('socket'), 'pause')
    const sending = client.send(sent)
    await paused
    expect((await reader.readexactly(sent.length)).length).toBe(sent.length)
    await sending
  })
})

describe('readuntil', () => {
  const CRLF = Buffer.from('\r\n')

  test.each([
    ['whole', ['ab\r\ncd']],
    ['split', ['ab\r', '\ncd']],
    ['split after a false prefix', ['ab\r', '\r\ncd'], 'ab\r\r\n'],
    ['byte by byte', [...'ab\r\ncd']],
  ])('a separator that comes %s', async (_, chunks, found = 'ab\r\n') => {
    const reader = readerOf(chunks)
    expect(text(await reader.readuntil(CRLF))).toBe(found)
    expect(text(await reader.readexactly(2))).toBe('cd')
  })

  test('a separator that begins with a false start of itself', async () => {
    const reader = readerOf(['a', 'a', 'b', 'c'])
    expect(text(await reader.readuntil(Buffer.from('ab')))).toBe('aab')
  })

  test('without one, the end of the stream is an error that carries what came', async () => {
    const reader = readerOf(['ab', '\r'])
    const error = await reader.readuntil(CRLF).catch((reason) => reason)
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(text(error.partial)).toBe('ab\r')
  })

  test('an empty separator is refused', async () => {
    await expect(readerOf(['ab']).readuntil(Buffer.alloc(0))).rejects.toThrow(RangeError)
  })

  test('the limit is exact, wherever the stream is cut', async () => {
    const separators = fc.constantFrom('\n', '\r\n', '--==')
    const limits = fc.integer({ min: 1, max: 12 })
    await fc.assert(
      fc.asyncProperty(separators, limits, fc.boolean(), sizes, async (sep, limit, fits, sizes) => {
        const line = `${'x'.repeat(fits ? limit : limit + 1)}${sep}`
        const reader = readerOf(cut(Buffer.from(`${line}rest`), sizes), limit)
        const result = await reader.readuntil(Buffer.from(sep)).then(text, (error) => error)
        if (fits) expect(result).toBe(line)
        else expect(result).toBeInstanceOf(LimitOverrunError)
      }),
      { numRuns: 300 },
    )
  })

  test('what overran the limit stays to be read', async () => {
    const reader = readerOf(['12345', '67', '8\nnext\n'], 4)
    await expect(reader.readline()).rejects.toThrow(LimitOverrunError)
    expect(text(await reader.readexactly(9))).toBe('12345678\n')
    expect(text(await reader.readuntil())).toBe('next\n')
  })

  test('the limit is 65536 unless told otherwise', async () => {
    const fits = `${'x'.repeat(LIMIT)}\n`
    expect(text(await readerOf([fits]).readline())).toBe(fits)
    await expect(readerOf([`x${fits}`]).readline()).rejects.toThrow(LimitOverrunError)
    await expect(readerOf([`x${fits.trimEnd()}`]).readline()).rejects.toThrow(LimitOverrunError)
  })
})

describe('however the stream is cut', () => {
  /** Lets the reader be early or late: it asks before the bytes come, or when all are there. */
  async function late(isLate: boolean): Promise<void> {
    for (let round = 0; isLate && round < 3; round++) await nextRound()
  }

  async function all(read: () => Promise<Uint8Array>, late: () => Promise<void>) {
    const results: string[] = []
    for (;;) {
      await late()
      const result = await read().then(text, (error: IncompleteReadError) => text(error.partial))
      if (result === '') return results
      results.push(result)
    }
  }

  const cuts = [bytes, sizes, fc.boolean(), fc.integer({ min: 81, max: 100 })] as const

  test('readline gives the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(...cuts, async (sent, sizes, isLate, limit) => {
        const reader = readerOf(cut(sent, sizes), limit)
        const lines = await all(
          () => reader.readline(),
          () => late(isLate),
        )
        expect(lines).toEqual(sent.toString('latin1').match(/[^\n]*\n|[^\n]+/g) ?? [])
      }),
    )
  })

  test('readuntil gives the same records', async () => {
    await fc.assert(
      fc.asyncProperty(...cuts, async (sent, sizes, isLate, limit) => {
        const reader = readerOf(cut(sent, sizes), limit)
        const records = await all(
          () => reader.readuntil(Buffer.from('ab')),
          () => late(isLate),
        )
        const due = sent.toString('latin1').split(/(?<=ab)/)
        expect(records).toEqual(due.filter((record) => record !== ''))
      }),
    )
  })

  test('readexactly and read(n) give the same bytes, above the limit too', async () => {
    const calls = fc.array(
      fc.record({ exactly: fc.boolean(), count: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 1 },
    )
    await fc.assert(
      fc.asyncProperty(bytes, sizes, fc.boolean(), calls, async (sent, sizes, isLate, calls) => {
        const reader = readerOf(cut(sent, sizes), 8)
        let turn = 0
        const pieces = await all(
          () => {
            const { exactly, count } = calls[turn++ % calls.length]!
            return exactly ? reader.readexactly(count) : reader.read(count)
          },
          () => late(isLate),
        )
        expect(pieces.join('')).toBe(sent.toString('latin1'))
      }),
    )
  })
})

describe('back pressure', () => {
  test('a reader that is not read from stops its socket, and the peer’s bytes with it', async () => {
    const { client, server, reader, writer } = await pair()
    const socket = writer.getExtraInfo('socket')
    const paused = once(socket, 'pause')
    const sent = Buffer.alloc(32 * MiB, 'x')
    const sending = client.send(sent)
    client.end()
    await paused
    expect(await stillWaits(sending)).toBe(true)
    // What the reader holds, what Node holds for it, and the packet that was on its way.
    expect(socket.bytesRead).toBeLessThan(LIMIT + 256 * KiB)
    let count = 0
    while (!reader.atEof()) count += (await reader.read()).length
    await sending
    expect(count).toBe(sent.length)
    expect(server.address.port).toBeGreaterThan(0)
  })

  test('drain waits while much is unsent, and until it is sent', async () => {
    const { client, writer } = await pair({ highWater: 1000 })
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = writer.drain()
    expect(await stillWaits(draining)).toBe(true)
    await client.receive(16 * MiB)
    await draining
    expect(writer.getExtraInfo('socket').writableLength).toBe(0)
  })

  test('below the high-water mark, drain does not wait', async () => {
    const { writer } = await pair({ highWater: 1000 })
    const socket = writer.getExtraInfo('socket')
    socket.cork()
    writer.write(Buffer.alloc(999))
    await writer.drain()
    expect(socket.writableLength).toBe(999)
    writer.write(Buffer.alloc(1))
    expect(await stillWaits(writer.drain())).toBe(true)
    socket.uncork()
  })

  test('several may wait in drain', async () => {
    const { client, writer } = await pair({ highWater: 1000 })
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = Promise.all([writer.drain(), writer.drain(), writer.drain()])
    await client.receive(16 * MiB)
    await draining
  })

  test.each([
    ['reset', 'ECONNRESET'],
    ['abort', 'the connection is closed'],
  ])('drain rejects when the connection is lost: %s', async (how, message) => {
    const { client, writer } = await pair()
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = writer.drain()
    if (how === 'reset') client.reset()
    else writer.abort()
    await expect(draining).rejects.toThrow(message)
    await writer.waitClosed()
    // Else a handler that only ever writes would never notice, and never pause.
    writer.write(Buffer.from('more'))
    await expect(writer.drain()).rejects.toThrow(message)
  })

  test('an abort rejects drain with a ConnectionResetError', async () => {
    const { writer } = await pair()
    writer.abort()
    await expect(writer.drain()).rejects.toThrow(ConnectionResetError)
  })
})

describe('write and close', () => {
  test('writelines sends all, in order', async () => {
    const { client, writer } = await pair()
    writer.writelines(['one', '', ' two', ' three'].map((part) => Buffer.from(part)))
    expect((await client.receive(13)).toString()).toBe('one two three')
  })

  test('close sends what is unsent first', async () => {
    const { client, writer } = await pair()
    const sent = Buffer.alloc(16 * MiB, 'x')
    writer.write(sent)
    writer.close()
    expect((await client.receiveAll()).length).toBe(sent.length)
    await writer.waitClosed()
  })

  test('writeEof closes one direction, and the other goes on', async () => {
    const { client, reader, writer } = await pair()
    writer.write(Buffer.from('last words'))
    writer.writeEof()
    expect((await client.receiveAll()).toString()).toBe('last words')
    await client.send('and mine')
    client.end()
    expect(text(await reader.readexactly(8))).toBe('and mine')
    expect(text(await reader.read())).toBe('')
    writer.close()
    await writer.waitClosed()
  })

  test('waitClosed resolves after a reset, and at once when it is over', async () => {
    const { client, reader, writer } = await pair()
    const closed = writer.waitClosed()
    const reading = reader.read()
    client.reset()
    await expect(reading).rejects.toThrow('ECONNRESET')
    await closed
    await writer.waitClosed()
  })

  test('getExtraInfo knows the peer and the socket', async () => {
    const { server, writer } = await pair()
    const socket = writer.getExtraInfo('socket')
    expect(writer.getExtraInfo('peername')).toEqual({
      family: 'IPv4',
      address: '127.0.0.1',
      port: socket.remotePort,
    })
    expect(socket.localPort).toBe(server.address.port)
  })

  test('abortWhenIdle aborts a silent connection, and its read ends', async () => {
    const { client, reader, writer } = await pair()
    writer.abortWhenIdle(50)
    const from = performance.now()
    expect(text(await reader.read())).toBe('')
    expect(performance.now() - from).toBeGreaterThan(40)
    await client.receiveAll().catch(() => {})
    await writer.waitClosed()
  })

  test('abortWhenIdle(Infinity) is never', async () => {
    const { writer } = await pair()
    writer.abortWhenIdle(Number.POSITIVE_INFINITY)
    expect(writer.getExtraInfo('socket').timeout ?? 0).toBe(0)
  })

  test('abortAfter aborts a connection that will not end', async () => {
    const { client, reader, writer } = await pair()
    writer.writeEof()
    writer.abortAfter(30)
    await client.receiveAll()
    expect(text(await reader.read())).toBe('')
    await writer.waitClosed()
  })
})

describe('abortAfter', () => {
  test('does not cut what is still unsent', async () => {
    const { client, writer } = await pair()
    const sent = Buffer.alloc(16 * MiB, 'x')
    writer.write(sent)
    writer.writeEof()
    writer.abortAfter(0)
    expect(await stillWaits(writer.waitClosed())).toBe(true)
    expect((await client.receiveAll()).length).toBe(sent.length)
    await writer.waitClosed()
  })

  test('is forgotten when the connection ends in time', async () => {
    const { client, reader, writer } = await pair()
    writer.writeEof()
    writer.abortAfter(60_000)
    client.end()
    expect(text(await reader.read())).toBe('')
    writer.close()
    await writer.waitClosed()
  })
})

describe('openConnection', () => {
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
})

describe('startServer', () => {
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

  test('close refuses newcomers; waitClosed waits for those inside', async () => {
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
})

describe('places', () => {
  /** Echoes lines until the peer's FIN. */
  async function echo(reader: StreamReader, writer: StreamWriter): Promise<void> {
    while (!reader.atEof()) writer.write(await reader.readline())
  }

  test('who is above it waits, unread, and comes in by order of arrival', async () => {
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
      // Two are in, this one and the next. The others have been told nothing.
      for (const other of queue.slice(i + 2)) expect(other.unread).toBe(0)
      client.end()
      await client.receiveAll()
    }
  })

  test('one who gives up waiting takes no place', async () => {
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

  test('close turns away who waits, and lets who is inside finish', async () => {
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
})
