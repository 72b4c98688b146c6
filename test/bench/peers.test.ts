/**
 * The originals: each that this machine has answers as a model does. They are held to less than the
 * contract: they have no limits, no timeout and no orderly end.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Outcome } from '../../bench/document/document.ts'
import { findPeers } from '../../bench/peers/find.ts'
import { originalsOf, PEERS } from '../../bench/peers/list.ts'
import { NODE_HTTP_ROW, PYWSGI_ROW } from '../../bench/peers/node.ts'
import { PYWSGI } from '../../bench/peers/yardsticks.ts'
import { blocksOf } from '../../bench/report/blocks.ts'
import { pairTables } from '../../bench/report/pairs.ts'
import { promisesCostTables } from '../../bench/report/promises-cost.ts'
import type { Row } from '../../bench/run/rows.ts'
import { PLAIN } from '../../bench/workloads.ts'
import { expectedReply } from '../../clients/check/expected.ts'
import { noise } from '../../clients/check/samples.ts'
import type { OwnServer } from '../../clients/check/subject.ts'
import { ClientSession } from '../../clients/session.ts'
import { MODELS } from '../../servers/models.ts'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { connectMany } from '../contract/variant.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const peers = await findPeers()
afterAll(() => peers[Symbol.asyncDispose]())

for (const note of peers.missing) test.skip(note, () => {})

describe.each(peers.rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
  for (const protocol of PROTOCOLS) {
    const reason = row.cannot({ ...PLAIN, protocol })
    if (reason) test.skip(`${protocol} — ${reason}`, () => {})
    else describe(protocol, () => conversationTests(row, protocol))
  }
})

function conversationTests(row: Row, protocol: (typeof PROTOCOLS)[number]): void {
  let server: OwnServer

  beforeAll(async () => {
    server = await row.start({ ...PLAIN, protocol })
  })

  afterAll(() => server[Symbol.asyncDispose]())

  test('a conversation, a line at a time', async () => {
    using client = await ClientSession.connect(server.address)
    const lines = ['one\n', '\n', 'a\r\n', 'four\n']
    for (const [i, line] of lines.entries()) {
      const due = protocol === 'previous' ? `${lines[i - 1] ?? ''}${line}` : line
      expect((await client.ask(line, due.length)).toString()).toBe(due)
    }
    client.end()
    expect(await client.receiveAll()).toHaveLength(0)
  })

  test.each([
    ['an unterminated last line', 'first\nsecond\n\nlast'],
    ['one unterminated line', 'only'],
    ['nothing', ''],
  ])('%s, in pieces of three bytes, then the FIN', async (_, text) => {
    const sent = Buffer.from(text)
    using client = await ClientSession.connect(server.address)
    for (let i = 0; i < sent.length; i += 3) await client.send(sent.subarray(i, i + 3))
    client.end()
    expect((await client.receiveAll()).toString()).toBe(expectedReply(protocol, sent).toString())
  })

  test('2 MiB of any bytes, pipelined, then the FIN', async () => {
    const sent = noise(2 ** 21)
    using client = await ClientSession.connect(server.address)
    const allSent = client.send(sent)
    client.end()
    const received = await client.receiveAll()
    await allSent
    expect(received.equals(expectedReply(protocol, sent))).toBe(true)
  })

  test.skipIf(row.cannot({ ...PLAIN, protocol, connections: 20 }))(
    'twenty clients, turn by turn',
    async () => {
      const clients = await connectMany(server, 20)
      const sent = [1, 2, 3].map((turn) => clients.map((_, i) => `${i} in turn ${turn}\n`))
      for (const turn of sent) await Promise.all(clients.map((client, i) => client.send(turn[i]!)))
      for (const [i, client] of clients.entries()) {
        client.end()
        const due = expectedReply(protocol, Buffer.from(sent.map((turn) => turn[i]).join('')))
        expect((await client.receiveAll()).toString()).toBe(due.toString())
      }
    },
  )

  test('a reset ends one connection, and SIGTERM the server', async () => {
    const lost = await ClientSession.connect(server.address)
    await lost.ask('x\n', 2)
    lost.reset()
    using client = await ClientSession.connect(server.address)
    expect((await client.ask('still\n', 6)).toString()).toBe('still\n')
    server.signal('SIGTERM')
    const { code, signal } = await server.exited
    expect(['SIGTERM', 0]).toContain(signal ?? code)
  })
}

const speakHttp = (row: Row) => !row.cannot({ ...PLAIN, protocol: 'http' })
const web = [NODE_HTTP_ROW, PYWSGI_ROW, ...peers.rows].filter(speakHttp)
test.each(web.map((row) => [row.name, row] as const))(
  '%s answers with the path and a newline',
  async (_, row) => {
    await using server = await row.start({ ...PLAIN, protocol: 'http' })
    const { address, port } = server.address
    for (const path of ['/hello', '/a/b']) {
      const reply = await fetch(`http://${address}:${port}${path}`)
      expect([reply.status, await reply.text()]).toEqual([200, `${path}\n`])
      expect(reply.headers.get('content-type')).toBe('text/plain')
    }
  },
)

test('what is missing is a note each, with what to do', async () => {
  const none = { python: ['/no/such/python', '/no/such/python3'], cc: '/no/such/cc', go: '/none' }
  const asked = originalsOf(['reactor', 'threads', 'green-threads', 'asyncore'])
  await using found = await findPeers(asked, none)
  expect(found.rows).toEqual([])
  expect(found.missing).toEqual([
    'Python socketserver is missing: apt-get install python3',
    'C threads is missing: apt-get install gcc',
    'Python asyncore is missing: Python has it up to 3.11; for a later one, pip install pyasyncore',
    'Twisted is missing: apt-get install python3-twisted',
    'gevent is missing: apt-get install python3-gevent',
    'Go is missing: apt-get install golang-go',
  ])
})

test('an interpreter without the module is passed over, and no file is left behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'peers-test-'))
  vi.stubEnv('TMPDIR', folder)
  // Node knows no -W and no -O2, and fails as a Python without the module does; `true` knows all.
  const tools = { python: [process.execPath, 'true'], cc: process.execPath, go: 'true' }
  {
    await using found = await findPeers(originalsOf(['blocking-serial', 'threads']), tools)
    expect(found.rows.map(({ name }) => name)).toEqual(['Python serial', 'Python socketserver'])
    expect(found.missing).toEqual([expect.stringMatching(/^C threads does not compile here: ./)])
    expect(await readdir(folder)).toHaveLength(1)
  }
  expect(await readdir(folder)).toEqual([])
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('every original is one of a model that is there', () => {
  const ids = [...MODELS.map(({ id }) => id), PYWSGI]
  for (const { originalOf } of PEERS) expect(ids).toEqual(expect.arrayContaining([...originalOf]))
  expect(new Set(PEERS.map(({ name }) => name)).size).toBe(PEERS.length)
})

describe('the table of pairs', () => {
  const FAILED: Outcome = { kind: 'failed', reason: 'gone' }

  /** Rounds with so many microseconds of CPU per message. */
  const rounds = (...costs: number[]) => costs.map((cpuPerMessage) => measured({ cpuPerMessage }))

  test('has a row for a model and each of its originals, and the ratio round by round', () => {
    const cells = [
      cellOf('async-await', rounds(8, 16, 8, 8, 8, 8), {}, 'node'),
      cellOf('asyncio streams', rounds(16, 32, 16, 16, 16, 16), {}, 'epoll'),
      cellOf('uvloop streams', [...rounds(10, 16), FAILED], {}, 'libuv'),
      cellOf('poll-loop', rounds(4)),
      cellOf('async-await', rounds(8), { connections: 1 }),
    ]
    const [table, ...others] = pairTables(blocksOf(documentOf(cells)))
    expect(others).toEqual([])
    expect(table!.title).toMatch(/^100 connections: raw, 64 bytes: CPU per message, a model's ÷/)
    expect(table!.rows).toEqual([
      ['async-await', 'node', 'asyncio streams', 'epoll', '8.00', '16.00', '0.50', '0.50–0.50'],
      ['async-await', 'node', 'uvloop streams', 'libuv', '8.00', '13.00', '0.90', '–'],
    ])
    expect(table!.notes).toEqual(['intervals of 96.9 %'])
  })

  test('is left out if an original was not measured', () => {
    const cells = [cellOf('reactor', rounds(5)), cellOf('Twisted', [FAILED])]
    expect(pairTables(blocksOf(documentOf(cells)))).toEqual([])
  })
})

test('what the promises cost: a model beside its bare server', () => {
  const six = (cpuPerMessage: number) =>
    Array.from({ length: 6 }, () => measured({ cpuPerMessage }))
  const cells = [
    cellOf('poll-loop', six(6)),
    cellOf('03-poll-loop/bare.ts', six(4)),
    cellOf('asyncore', six(5)),
  ]
  const [table, ...others] = promisesCostTables(blocksOf(documentOf(cells)))
  expect(others).toEqual([])
  expect(table!.title).toContain('what the promises cost')
  const [[...row] = [], ...more] = table!.rows
  expect(more).toEqual([])
  const lines = row.splice(-2).map(Number)
  expect(row).toEqual([
    'poll-loop',
    'libc poll',
    '4.00',
    '6.00',
    '1.50',
    '1.50–1.50',
    '1024.0',
    '1024.0',
  ])
  expect(lines[0]).toBe(46)
  expect(lines[1]).toBeGreaterThan(200)
})
