/**
 * The originals: each that this machine has answers as a model does. They are held to less than the
 * contract: they have no limits, no timeout and no orderly end.
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Cell } from '../../bench/cells.ts'
import { PEERS } from '../../bench/peers/list.ts'
import { renderPairs } from '../../bench/peers/pairs.ts'
import { findPeers } from '../../bench/peers.ts'
import type { Row } from '../../bench/rows.ts'
import type { Outcome } from '../../bench/runner.ts'
import type { RunningServer } from '../../clients/launcher.ts'
import type { LoadResult } from '../../clients/load-result.ts'
import { ClientSession } from '../../clients/session.ts'
import { MODELS } from '../../servers/models.ts'
import { PROTOCOLS } from '../../servers/protocol/protocols.ts'
import { expectedReply } from '../contract/expected.ts'
import { connectMany, noise } from '../contract/variant.ts'

const peers = await findPeers()
afterAll(() => peers[Symbol.asyncDispose]())

for (const note of peers.missing) test.skip(note, () => {})

describe.each(peers.rows.map((row) => [row.name, row] as const))('%s', (_, row) => {
  for (const protocol of PROTOCOLS) {
    const reason = row.cannot(1, protocol)
    if (reason) test.skip(`${protocol} — ${reason}`, () => {})
    else describe(protocol, () => conversationTests(row, protocol))
  }
})

function conversationTests(row: Row, protocol: (typeof PROTOCOLS)[number]): void {
  let server: RunningServer

  beforeAll(async () => {
    server = await row.start(protocol)
  })

  afterAll(() => server.kill())

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

  test.skipIf(row.cannot(20, protocol))('twenty clients, turn by turn', async () => {
    const clients = await connectMany(server, 20)
    const sent = [1, 2, 3].map((turn) => clients.map((_, i) => `${i} in turn ${turn}\n`))
    for (const turn of sent) await Promise.all(clients.map((client, i) => client.send(turn[i]!)))
    for (const [i, client] of clients.entries()) {
      client.end()
      const due = expectedReply(protocol, Buffer.from(sent.map((turn) => turn[i]).join('')))
      expect((await client.receiveAll()).toString()).toBe(due.toString())
    }
  })

  test('a reset ends one connection, and SIGTERM the server', async () => {
    const lost = await ClientSession.connect(server.address)
    await lost.ask('x\n', 2)
    lost.reset()
    using client = await ClientSession.connect(server.address)
    expect((await client.ask('still\n', 6)).toString()).toBe('still\n')
    const { code, signal } = await server.stop()
    expect(['SIGTERM', 0]).toContain(signal ?? code)
  })
}

test('what is missing is a note each, with what to do', async () => {
  const none = { python: ['/no/such/python', '/no/such/python3'], cc: '/no/such/cc', go: '/none' }
  await using found = await findPeers(['reactor', 'threads', 'green-threads', 'asyncore'], none)
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
    await using found = await findPeers(['blocking-serial', 'threads'], tools)
    expect(found.rows.map(({ name }) => name)).toEqual(['Python serial', 'Python socketserver'])
    expect(found.missing).toEqual([expect.stringMatching(/^C threads does not compile here: ./)])
    expect(await readdir(folder)).toHaveLength(1)
  }
  expect(await readdir(folder)).toEqual([])
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

test('every original is one of a model that is there', () => {
  const ids = MODELS.map(({ id }) => id)
  for (const { originalOf } of PEERS) expect(ids).toEqual(expect.arrayContaining([...originalOf]))
  expect(new Set(PEERS.map(({ name }) => name)).size).toBe(PEERS.length)
})

describe('the table of pairs', () => {
  /** A round with so many microseconds of CPU per message. */
  function measured(cpuPerMessage: number): Outcome {
    const result = { server: { cpuPerMessage }, errors: {} }
    return { kind: 'measured', result: result as unknown as LoadResult }
  }

  function cell(name: string, connections: number, rounds: Outcome[]): Cell {
    const start = () => Promise.reject(new Error('not started in these tests'))
    return {
      row: { name, wait: 'node', io: 'node', start, cannot: () => undefined },
      connections,
      rounds,
    }
  }

  const FAILED: Outcome = { kind: 'failed', reason: 'gone' }

  test('has a line for a model and each of its originals, and the ratio round by round', () => {
    const text = renderPairs([
      cell('async-await', 100, [measured(8), measured(16), measured(8)]),
      cell('asyncio streams', 100, [measured(16), measured(32), measured(16)]),
      cell('uvloop streams', 100, [measured(10), measured(16), FAILED]),
      cell('poll-loop', 100, [measured(4)]),
      cell('async-await', 1, [measured(8)]),
    ])
    const [title, head, ...lines] = text.split('\n')
    expect(title).toBe("100 connections: CPU µs per message, a model's ÷ its original's")
    expect(head).toMatch(/^model +waits on +original +waits on +model µs +original µs +÷ +95 %$/)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^async-await +node +asyncio streams .* 0\.50 +0\.50–0\.50$/)
    expect(lines[1]).toMatch(/^async-await +node +uvloop streams .* 0\.90 +–$/)
  })

  test('is empty if an original was not measured', () => {
    expect(renderPairs([cell('reactor', 1, [measured(5)]), cell('Twisted', 1, [FAILED])])).toBe('')
  })
})
