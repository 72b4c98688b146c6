/**
 * Promises 1, 2 and 4: bytes in, bytes out; half-close; one connection's end is no other's
 * business.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import type { ProtocolName } from '../../servers/protocol/protocols.ts'
import { expectedReply } from './expected.ts'
import {
  connectMany,
  descriptorCount,
  IS_LINUX,
  noise,
  promise,
  start,
  type Variant,
} from './variant.ts'

const MiB = 2 ** 20

/** Lines of all lengths up to 200, of any bytes but the newline. */
function manyLines(total: number): Buffer {
  const bytes = Buffer.from(noise(total))
  for (let i = 0; i < total; i++) if (bytes[i] === 10 && i % 7) bytes[i] = 11
  bytes[total - 1] = 10
  return bytes
}

const EIGHT_MIB = manyLines(8 * MiB)

const SAMPLES: Record<string, Buffer> = {
  'a line': Buffer.from('Hello World!:0\n'),
  'pipelined lines': Buffer.from('one\ntwo\nthree\nfour\n'.repeat(500)),
  'empty lines': Buffer.from('\n\n\na\n\n\nb\n\n'),
  'carriage returns': Buffer.from('a\r\n\rb\n\r\n'),
  'every byte': Buffer.concat([
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
    Buffer.from('\n'),
  ]),
  'an unterminated last line': Buffer.from('first\nsecond\nlast'),
  'one unterminated line': Buffer.from('only'),
  'nothing at all': Buffer.alloc(0),
  'the longest line': Buffer.from(`${'x'.repeat(16384)}\n${'y'.repeat(16384)}\n`),
}

export function conversationTests(variant: Variant, protocol: ProtocolName): void {
  let server: RunningServer

  beforeAll(async () => {
    server = await start(variant, ['--protocol', protocol])
  })

  afterAll(() => server.kill())

  /** Sends the pieces one after the other, each in a packet of its own, then the FIN. */
  async function converse(pieces: readonly Uint8Array[]): Promise<Buffer> {
    using client = await ClientSession.connect(server.address)
    const replies = client.receiveAll()
    for (const piece of pieces) await client.send(piece)
    client.end()
    return await replies
  }

  describe.each(Object.entries(SAMPLES))('%s', (_, sent) => {
    test('in one piece', async () => {
      expectBytes(await converse([sent]), expectedReply(protocol, sent))
    })

    test('in small pieces', async () => {
      const size = Math.max(1, Math.ceil(sent.length / 300))
      expectBytes(await converse(cut(sent, size)), expectedReply(protocol, sent))
    })
  })

  test('8 MiB of lines', async () => {
    const sent = EIGHT_MIB
    const received = await converse(cut(sent, 65_521))
    // Not toEqual: a difference of MiB would take minutes to print.
    expect(received.equals(expectedReply(protocol, sent))).toBe(true)
  })

  test('a reply comes before the next line is sent', async () => {
    using client = await ClientSession.connect(server.address)
    const lines = Array.from({ length: 50 }, (_, i) => `Hello World!:${i}\n`)
    let previous = ''
    for (const line of lines) {
      const due = protocol === 'previous' ? previous + line : line
      expect((await client.ask(line, due.length)).toString()).toBe(due)
      previous = line
    }
  })

  test('after its FIN a client gets all it is owed, then the FIN', async () => {
    using client = await ClientSession.connect(server.address)
    const sent = manyLines(200_000)
    const done = client.send(sent)
    client.end()
    await done
    expect((await client.receiveAll()).equals(expectedReply(protocol, sent))).toBe(true)
  })

  promise(variant, 'concurrency', 'twenty clients, turn by turn', async () => {
    const clients = await connectMany(server, 20)
    const sent = Array.from({ length: 10 }, (_, turn) =>
      clients.map((_, i) => `${i} in turn ${turn}\n`),
    )
    for (const turn of sent) await Promise.all(clients.map((client, i) => client.send(turn[i]!)))
    for (const [i, client] of clients.entries()) {
      client.end()
      const due = expectedReply(protocol, Buffer.from(sent.map((turn) => turn[i]).join('')))
      expectBytes(await client.receiveAll(), due)
    }
  })

  promise(
    variant,
    ['isolation', 'concurrency'],
    'resets and vanished peers cost nobody else anything',
    async () => {
      using bystander = await ClientSession.connect(server.address)
      await bystander.ask('here\n', 5)
      const others = await connectMany(server, 30)
      await Promise.all(others.map((client) => client.send(noise(1000))))
      for (const [i, client] of others.entries()) i % 2 ? client.reset() : client[Symbol.dispose]()
      const due = protocol === 'previous' ? 'here\nstill\n' : 'still\n'
      expect((await bystander.ask('still\n', due.length)).toString()).toBe(due)
    },
  )

  test('clients come and go, over and over', async () => {
    for (let round = 0; round < 5; round++) {
      const clients = await connectMany(server, 20)
      for (const client of clients) {
        expect((await client.ask('x\n', 2)).toString()).toBe('x\n')
        client.end()
        expect(await client.receiveAll()).toHaveLength(0)
      }
    }
  })

  test.runIf(IS_LINUX)('no descriptor is left behind', async () => {
    await converse([Buffer.from('warm up\n')])
    const before = descriptorCount(server)
    for (let round = 0; round < 3; round++) {
      const clients = await connectMany(server, 10)
      for (const client of clients) client.reset()
      await converse([noise(5000)])
    }
    await vi.waitFor(() => expect(descriptorCount(server)).toBeLessThanOrEqual(before), 5000)
  })

  if (protocol !== 'raw') lineLimitTests(converse, protocol)
}

function lineLimitTests(
  converse: (pieces: readonly Uint8Array[]) => Promise<Buffer>,
  protocol: ProtocolName,
): void {
  const good = 'good\nalso good\n'
  const tooLong = `${good}${'x'.repeat(16385)}`

  test.each([
    ['one byte too long, unterminated', tooLong],
    ['one byte too long, with its newline', `${tooLong}\n`],
    ['much too long, and more behind it', `${tooLong}${'y'.repeat(300_000)}\nnever answered\n`],
  ])('a line %s', async (_, text) => {
    const sent = Buffer.from(text)
    const due = expectedReply(protocol, sent)
    expect((await converse([sent])).toString()).toBe(due.toString())
    expect((await converse(cut(sent, 5000))).toString()).toBe(due.toString())
  })
}

/** A character a byte: `toEqual` takes ten times as long to compare two Buffers. */
function expectBytes(received: Buffer, due: Buffer): void {
  expect(received.toString('latin1')).toBe(due.toString('latin1'))
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size)
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * size, (i + 1) * size))
}
