/** `serve --trace`: what becomes of the file, however the server ends. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LaunchError, launch } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import type { TraceEvent } from '../../servers/trace/events.ts'
import { faultsOf } from './trace-format.ts'

let folder = ''
let file = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-trace-test-'))
  file = join(folder, 'trace.json')
})

afterEach(() => rm(folder, { recursive: true }))

async function read(): Promise<TraceEvent[]> {
  return JSON.parse(await readFile(file, 'utf8'))
}

/** The calls that a model waits in, by the flags that choose its way to wait. */
const WAITS: readonly (readonly [string, string, string])[] = [
  ['blocking-serial', '--io libc', 'accept,recv'],
  ['blocking-serial', '--io atomics', 'accept,recv'],
  ['threads', '--io libc', 'accept,recv,Atomics.wait'],
  ['poll-loop', '--io libc --poller poll', 'poll'],
  ['poll-loop', '--io libc --poller epoll', 'epoll_wait'],
  ['reactor', '--io libc --reactor epoll', 'epoll_wait'],
  ['asynchat', '--io atomics', 'poll'],
  ['green-threads', '', 'event loop'],
  ['cluster', '--workers 2', 'event loop'],
]

test.each(WAITS)('%s %s waits in %s', async (model, flags, calls) => {
  await using server = await launch(model, [...flags.split(' ').filter(Boolean), '--trace', file])
  using client = await ClientSession.connect(server.address)
  await client.ask('hello\n', 6)
  client.end()
  await client.receiveAll()
  const { code, stderr } = await server.stop()
  expect(code).toBe(0)
  const trace = await read()
  expect(stderr).toContain(`trace: ${file}: ${trace.length} events\n`)
  expect(faultsOf(trace)).toEqual([])
  const waits = new Set(trace.filter(({ cat }) => cat === 'wait').map(({ name }) => name))
  expect([...waits]).toEqual(expect.arrayContaining(calls.split(',')))
  const served = trace.find(({ cat, name }) => cat === 'client' && name === 'served')
  expect(served).toBeDefined()
})

describe.each(['poll-loop', 'async-await', 'cluster'])('%s', (model) => {
  test('after the limit, events are counted and left out', async () => {
    await using server = await launch(model, ['--trace', file, '--trace-events', '30'])
    using client = await ClientSession.connect(server.address)
    for (let i = 0; i < 50; i++) await client.ask('a\n', i === 0 ? 2 : 4)
    client.end()
    await client.receiveAll()
    const { stderr } = await server.stop()
    const [, said] = /(\d+) left out: see --trace-events/.exec(stderr) ?? []
    const trace = await read()
    const leftOut = trace.reduce((sum, { args }) => sum + Number(args?.leftOut ?? 0), 0)
    expect(leftOut).toBeGreaterThan(50)
    expect(Number(said)).toBe(leftOut)
    expect(faultsOf(trace)).toEqual([])
  })

  test('a second signal leaves a file that is whole', async () => {
    await using server = await launch(model, ['--trace', file])
    using client = await ClientSession.connect(server.address)
    await client.ask('hello\n', 6)
    // It has waited for this line, so what came before it is written.
    await client.ask('again\n', 12)
    server.signal('SIGTERM')
    await server.stderrLine(/^closing: open connections: 1/)
    server.signal('SIGTERM')
    expect((await server.exited).code).toBe(130)
    const trace = await read()
    expect(trace.some(({ name }) => name === 'handler')).toBe(true)
    // A thread that was cut has not said how its last wait ended.
    expect(faultsOf(trace).filter((fault) => !/does not end$/.test(fault))).toEqual([])
  })
})

test('a file that cannot be written stops the start', async () => {
  const flags = ['--trace', join(folder, 'none', 'trace.json')]
  const failure = await launch('poll-loop', flags).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(LaunchError)
  expect(String(failure)).toContain("can't be written: no such file or directory")
})
