/** The engines of the load generator alone, with parties that only count. */
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { Engine, Party, Wire } from '../../clients/load/engine.ts'
import { NodeEngine } from '../../clients/load/node.ts'
import { Tally } from '../../clients/load/tally.ts'
import type { Address } from '../../servers/posix/api.ts'
import { openPoller, openPosix } from '../../servers/posix/open.ts'
import { startServer } from './support.ts'

const ENGINES = process.platform === 'linux' ? ['libc', 'node'] : ['node']

class Counter implements Party {
  state: Party['state'] = 'connecting'
  readonly reads = true
  bytes = 0
  wire: Wire | undefined

  attach(wire: Wire): void {
    this.wire = wire
  }

  opened(): void {
    this.state = 'open'
  }

  received(_: Buffer, length: number): void {
    this.bytes += length
  }

  writable(): boolean {
    return false
  }

  lost(): void {
    this.state = 'closed'
  }
}

async function openEngine(io: string, port: number): Promise<Engine> {
  const address: Address = { family: 'IPv4', address: '127.0.0.1', port }
  const tally = new Tally(true)
  if (io === 'node') return new NodeEngine(address, tally)
  const { EpollEngine } = await import('../../clients/load/epoll.ts')
  const posix = await openPosix('libc')
  return new EpollEngine(address, posix, await openPoller(posix, 'epoll'), tally)
}

/** Opens `count` connections to a server that only accepts them. */
async function connected(io: string, port: number, count: number, accepted: readonly Socket[]) {
  const engine = await openEngine(io, port)
  const parties = Array.from({ length: count }, () => new Counter())
  for (const party of parties) engine.connect(party)
  const isDone = () => accepted.length === count && parties.every(({ state }) => state === 'open')
  while (!isDone()) await engine.run(performance.now() + 10, isDone)
  const close = () => {
    for (const { wire } of parties) wire!.close()
    engine.close()
  }
  return { engine, parties, close }
}

const never = () => false

describe.each(ENGINES)('the engine %s', (io) => {
  test('looks at its sockets although the time has passed', async () => {
    const accepted: Socket[] = []
    await using server = await startServer((socket) => accepted.push(socket))
    const { engine, parties, close } = await connected(io, server.port, 1, accepted)
    accepted[0]!.write('hello')
    const end = performance.now() + 5000
    while (parties[0]!.bytes < 5 && performance.now() < end) {
      await engine.run(performance.now() - 1, never)
    }
    close()
    expect(parties[0]!.bytes).toBe(5)
  })

  test('runs until the time, and not for long after it', async () => {
    const engine = await openEngine(io, 1)
    for (const milliseconds of [0.3, 1, 2.7, 12]) {
      const until = performance.now() + milliseconds
      await engine.run(until, never)
      expect(performance.now()).toBeGreaterThanOrEqual(until)
    }
    engine.close()
  })
})

test.runIf(process.platform === 'linux')(
  'events of many connections: when the time is up, some come with the next look',
  async () => {
    const accepted: Socket[] = []
    await using server = await startServer((socket) => accepted.push(socket))
    const { engine, parties, close } = await connected('libc', server.port, 50, accepted)
    const written = accepted.map((socket) => new Promise((done) => socket.write('x', done)))
    await Promise.all(written)
    const served = () => parties.filter(({ bytes }) => bytes === 1).length
    await engine.run(performance.now() - 1, never)
    const first = served()
    const end = performance.now() + 5000
    while (served() < 50 && performance.now() < end) await engine.run(performance.now() - 1, never)
    close()
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(50)
    expect(served()).toBe(50)
  },
)
