/** The model `cluster`: how many processes there are, and what the death of one costs. */
import { spawn } from 'node:child_process'
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { launch, type RunningServer } from '../clients/launcher.ts'
import { cpuSeconds, processTree } from '../clients/process-stats.ts'
import { ClientSession } from '../clients/session.ts'
import { Backoff } from '../servers/10-cluster/backoff.ts'
import { Crew } from '../servers/10-cluster/crew.ts'
import { ROOT } from '../servers/boot/root.mjs'
import type { ServeOptions, Supervisor } from '../servers/server.ts'
import { LocalPlaces } from '../servers/support/places.ts'
import { CELL, Report } from '../servers/support/report.ts'
import { connectMany, IS_LINUX } from './contract/variant.ts'

const LINE = ['--protocol', 'line']

function workersOf({ pid }: RunningServer): number[] {
  return processTree(pid).filter((one) => one !== pid)
}

function isAlive(pid: number): boolean {
  try {
    // With signal 0, kill(2) only looks whether the process exists.
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** How many connections to the server's port a process has open: see proc_net_tcp(5). */
function connectionsOf(pid: number, { address }: RunningServer): number {
  const hexPort = address.port.toString(16).toUpperCase().padStart(4, '0')
  const inodes = readdirSync(`/proc/${pid}/fd`)
    .map((fd) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1])
    .filter((inode) => inode !== undefined)
  const rows = readFileSync('/proc/net/tcp', 'latin1').split('\n')
  const columns = rows.map((row) => row.trim().split(/\s+/))
  const open = columns.filter(
    ([, local, , state, , , , , , inode]) =>
      local?.endsWith(`:${hexPort}`) && state === '01' && inodes.includes(inode!),
  )
  // On a busy machine the file may show a connection twice.
  return new Set(open.map(([, , , , , , , , , inode]) => inode)).size
}

/** Talks until it is told to stop, and checks each reply. False if the connection is lost. */
async function talksOn(client: ClientSession, name: number, stop: AbortSignal): Promise<boolean> {
  for (let turn = 0; !stop.aborted; turn++) {
    const line = `${name} in turn ${turn}\n`
    const reply = await client.ask(line, line.length).catch(() => null)
    if (!reply) return false
    expect(reply.toString()).toBe(line)
  }
  return true
}

describe.runIf(IS_LINUX)('workers', () => {
  test('there are as many as --workers says', async () => {
    await using server = await launch('cluster', ['--workers', '3'])
    expect(workersOf(server)).toHaveLength(3)
  })

  test('a worker that is killed under load loses its connections, and no others', async () => {
    await using server = await launch('cluster', [...LINE, '--workers', '2'])
    const clients = await connectMany(server, 20)
    // A client that has got an answer has arrived at its worker.
    for (const client of clients) await client.ask('hello\n', 6)
    const [victim = 0, other = 0] = workersOf(server)
    const [lost, kept] = [connectionsOf(victim, server), connectionsOf(other, server)]
    expect(lost + kept).toBe(20)
    expect(lost).toBeGreaterThan(0)
    const load = new AbortController()
    const talks = clients.map((client, i) => talksOn(client, i, load.signal))
    const isReplaced = server.stderrLine(
      /^worker \d+ has died \(SIGKILL\); a new one comes in 50 ms$/,
    )
    process.kill(victim, 'SIGKILL')
    await isReplaced
    await vi.waitFor(() => expect(workersOf(server)).toHaveLength(2), 10_000)
    // New clients are served, by the old worker and by the new one.
    for (const client of await connectMany(server, 10)) {
      expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
      client[Symbol.dispose]()
    }
    load.abort()
    const survived = await Promise.all(talks)
    expect(survived.filter(Boolean)).toHaveLength(kept)
    expect(workersOf(server)).toContain(other)
    for (const client of clients) client[Symbol.dispose]()
    expect(await server.stop()).toMatchObject({ code: 0, signal: null })
  })

  test('the only worker is replaced too, at the same port', async () => {
    await using server = await launch('cluster', [...LINE, '--workers', '1'])
    process.kill(workersOf(server)[0]!, 'SIGKILL')
    await vi.waitFor(async () => {
      using client = await ClientSession.connect(server.address)
      expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
    }, 10_000)
  })

  test('workers end with the primary, even if it is killed', async () => {
    const server = await launch('cluster', ['--workers', '2'])
    const workers = workersOf(server)
    await server.kill()
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), 10_000)
  })
})

describe.runIf(IS_LINUX)('a worker that computes ends with the primary', () => {
  // A minute in one chunk: the worker doesn't return to its event loop before that.
  const MINUTE = ' burn 99 \n'.repeat(600)

  let server: RunningServer
  let workers: number[]

  beforeEach(async () => {
    const flags = ['--protocol', 'burn', '--workers', '2', '--grace', '0.2']
    server = await launch('cluster', flags)
    workers = workersOf(server)
    using client = await ClientSession.connect(server.address)
    await client.ask('hello\n', 6)
    const busy = workers.find((worker) => connectionsOf(worker, server) > 0)!
    const before = cpuSeconds(busy)!
    await client.send(MINUTE)
    await vi.waitFor(() => expect(cpuSeconds(busy)! - before).toBeGreaterThan(0.3), 10_000)
  })

  afterEach(async () => {
    server.signal('SIGKILL')
    for (const pid of workers.filter(isAlive)) process.kill(pid, 'SIGKILL')
    await server.exited
  })

  async function expectAllGone(): Promise<void> {
    await vi.waitFor(() => expect(workers.filter(isAlive)).toEqual([]), 10_000)
  }

  test('after --grace', async () => {
    expect(await server.stop()).toMatchObject({ code: 0, signal: null })
    await expectAllGone()
  })

  test('after a second signal', async () => {
    const isClosing = server.stderrLine(/^closing: open connections: 1/)
    server.signal('SIGINT')
    await isClosing
    server.signal('SIGINT')
    expect(await server.exited).toMatchObject({ code: 130, signal: null })
    await expectAllGone()
  })

  test('after SIGKILL', async () => {
    await server.kill()
    await expectAllGone()
  })
})

test.runIf(IS_LINUX)(
  'a worker whose primary has ended before it could ask ends at once',
  async () => {
    const codes = [process.pid, 1e9].map(async (parent) => {
      const code = `import { endWith } from './servers/10-cluster/end-with.ts'
      await endWith(${parent})
      process.exit(7)`
      const flags = ['--import', 'tsx', '--input-type=module', '--eval', code]
      const child = spawn(process.execPath, flags, { cwd: fileURLToPath(ROOT), stdio: 'inherit' })
      const [exitCode] = await once(child, 'exit')
      return exitCode
    })
    expect(await Promise.all(codes)).toEqual([7, 1])
  },
)

describe.runIf(IS_LINUX)('--max-connections', () => {
  test('holds over all workers, and a dead one gives its places back', async () => {
    const flags = [...LINE, '--workers', '2', '--max-connections', '2']
    await using server = await launch('cluster', flags)
    using first = await ClientSession.connect(server.address)
    using second = await ClientSession.connect(server.address)
    for (const client of [first, second]) await client.ask('in\n', 3)
    const victim = workersOf(server).find((worker) => connectionsOf(worker, server) > 0)
    using third = await ClientSession.connect(server.address)
    using fourth = await ClientSession.connect(server.address)
    await Promise.all([third.send('third\n'), fourth.send('fourth\n')])
    for (let turn = 0; turn < 50; turn++) await second.ask('still in\n', 9)
    expect(third.unread + fourth.unread).toBe(0)
    process.kill(victim!, 'SIGKILL')
    // The free place goes to a client at the other worker; the fifth is there if no other is.
    using fifth = await ClientSession.connect(server.address)
    await fifth.send('fifth\n')
    const replies = [third.receive(6), fourth.receive(7), fifth.receive(6)]
    expect((await Promise.any(replies)).toString()).toMatch(/^(third|fourth|fifth)\n$/)
    await Promise.allSettled([first, second, third, fourth, fifth].map((client) => client.reset()))
    await Promise.allSettled(replies)
  })
})

describe('the delay before a worker is replaced', () => {
  test('doubles from death to death, up to ten seconds', () => {
    const backoff = new Backoff()
    const delays = Array.from({ length: 10 }, () => backoff.delay(100))
    expect(delays).toEqual([50, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000])
  })

  test('is short again after a worker that has lived for long', () => {
    const backoff = new Backoff()
    for (let death = 0; death < 5; death++) backoff.delay(100)
    expect(backoff.delay(60_000)).toBe(50)
    expect(backoff.delay(100)).toBe(100)
  })
})

describe('a crew whose start fails replaces no worker', () => {
  const address = { family: 'IPv4', address: '127.0.0.1', port: 8881 } as const
  const PROGRAM = fileURLToPath(new URL('listening-worker.cjs', import.meta.url))

  class QuietSupervisor extends Report implements Supervisor {
    readonly places = new LocalPlaces(1)
    listening(): void {}
  }

  const fork = vi.spyOn(cluster, 'fork')

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout'] })
  })

  afterEach(async () => {
    vi.useRealTimers()
    await Promise.all(fork.mock.results.map(({ value }) => end(value)))
    fork.mockClear()
  })

  async function end(worker: Worker): Promise<void> {
    if (worker.isDead()) return
    worker.process.kill('SIGKILL')
    await once(worker, 'exit')
  }

  function start(workers: number): Promise<unknown> {
    const cells = new Int32Array(Object.keys(CELL).length)
    const supervisor = new QuietSupervisor(cells, { verbose: false, json: false })
    return new Crew({ address, workers } as ServeOptions, supervisor, PROGRAM).start()
  }

  /** The worker that is hired next. */
  async function hired(): Promise<Worker> {
    const [worker] = await once(cluster, 'fork')
    return worker
  }

  /** Expects `count` workers, however long one waits. */
  function expectHired(count: number): void {
    vi.advanceTimersByTime(20_000)
    expect(fork).toHaveBeenCalledTimes(count)
  }

  test('if the first one ends before it listens', async () => {
    const failed = expect(start(1)).rejects.toThrow('a worker ended at its start: SIGKILL')
    const first = await hired()
    first.process.kill('SIGKILL')
    await failed
    expectHired(1)
  })

  test('if another one does', async () => {
    const failed = expect(start(2)).rejects.toThrow('a worker ended at its start: SIGKILL')
    const first = await hired()
    first.send({ type: 'place' })
    const second = await hired()
    second.process.kill('SIGKILL')
    await failed
    expectHired(2)
  })

  test('if one has listened, and ends before all do', async () => {
    const failed = expect(start(2)).rejects.toThrow('before all of them listened')
    const first = await hired()
    first.send({ type: 'place' })
    const second = await hired()
    await end(first)
    second.send({ type: 'place' })
    await failed
    expectHired(2)
  })
})
