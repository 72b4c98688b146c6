/** The paces of the load generator, and the peers that do harm. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { LoadResult } from '../../clients/load/result.ts'
import { whyNotCounted } from '../../clients/system-calls.ts'
import { type Answer, echo, runClient, startServer } from './support.ts'

const ENGINES = process.platform === 'linux' ? ['libc', 'node'] : ['node']
const QUICK = ['--connections', 5, '--duration', 0.5, '--warmup', 0.1, '--protocol', 'line']

async function load(port: number, ...flags: (string | number)[]) {
  const run = await runClient(['load', '--json', '--port', port, ...QUICK, ...flags])
  const result: LoadResult = run.stdout === '' ? undefined : JSON.parse(run.stdout)
  return { ...run, result }
}

describe.each(ENGINES)('with the engine %s', (io) => {
  test('--rate: no more than was due, and each connection as often', async () => {
    await using server = await startServer(echo('line'))
    const flags = ['--rate', 100, '--warmup', 0]
    const { code, result } = await load(server.port, '--io', io, ...flags)
    expect(code).toBe(0)
    expect(result).toMatchObject({ errors: {}, mismatch: null })
    // A closed loop would make many times as many.
    expect(result.messages).toBeLessThanOrEqual(100 * result.seconds + 5)
    expect(result.fairness).toBeGreaterThan(0.9)
  })

  test('--rate: while the server stands still, the clock of what is due runs on', async () => {
    let isOver = false
    const stall: Answer = (socket, reply, n) => {
      if (n > 100 && !isOver) {
        isOver = true
        const end = performance.now() + 200
        while (performance.now() < end);
      }
      socket.write(reply)
    }
    await using server = await startServer(echo('line', stall))
    const { result } = await load(server.port, '--io', io, '--rate', 1000, '--warmup', 0)
    // A fifth of a second of messages was due meanwhile, and five of them at most had been sent.
    expect(result.latency!.p90).toBeGreaterThan(50_000)
    expect(result.sinceSent!.p90).toBeLessThan(result.latency!.p90)
    // The generator got round to them in time, and found their connections waiting.
    expect(result.lateness!.p90).toBeLessThan(result.latency!.p90 / 2)
  })

  test('--rate without connections that talk, and a hog that is turned away', async () => {
    await using server = await startServer(echo('line'))
    const silent = ['--connections', 0, '--idle', 3, '--duration', 0.2]
    const idle = await load(server.port, '--io', io, '--rate', 100, ...silent)
    expect(idle.stderr).not.toContain('    at ')
    expect(idle).toMatchObject({ code: 0, result: { messages: 0, idle: { asked: 3, alive: 3 } } })

    const right = echo('line')
    let connections = 0
    await using closing = await startServer((socket) => {
      connections += 1
      if (connections > 5) socket.destroy()
      else right(socket)
    })
    const hog = await load(closing.port, '--io', io, '--burn', 10)
    expect(hog.stderr).not.toContain('    at ')
    expect(hog).toMatchObject({ code: 0, result: { connected: 6, mismatch: null } })
  })

  test('--pause: no connection sends more often than that', async () => {
    await using server = await startServer(echo('line'))
    const { result } = await load(server.port, '--io', io, '--pause', 0.1)
    expect(result.messages).toBeGreaterThanOrEqual(5)
    expect(result.messages).toBeLessThanOrEqual(5 * (result.seconds / 0.1 + 1))
  })

  test('--churn: a connection for each message', async () => {
    let connections = 0
    const right = echo('line')
    await using server = await startServer((socket) => {
      connections += 1
      right(socket)
    })
    const { code, result } = await load(server.port, '--io', io, '--churn')
    expect(code).toBe(0)
    expect(result).toMatchObject({ connected: 5, errors: {}, mismatch: null })
    expect(result.messages).toBeGreaterThan(5)
    expect(connections).toBeGreaterThanOrEqual(result.messages)
  })

  test('--churn: at the end, those who still wait for a place get it', async () => {
    const waiting: Socket[] = []
    let isTaken = false
    const right = echo('line')
    const serve = (socket: Socket) => {
      isTaken = true
      right(socket)
      socket.resume()
      socket.on('close', () => {
        isTaken = false
        const next = waiting.shift()
        if (next) serve(next)
      })
    }
    await using server = await startServer((socket) => {
      socket.pause()
      if (isTaken) waiting.push(socket)
      else serve(socket)
    })
    const { code, result } = await load(server.port, '--io', io, '--churn')
    expect(code).toBe(0)
    expect(result).toMatchObject({ errors: {}, mismatch: null })
  })

  test('--deaf: they send for as long as the server reads, and read nothing themselves', async () => {
    let received = 0
    let written = 0
    await using server = await startServer((socket) => {
      socket.on('data', (chunk) => {
        received += chunk.length
        written += chunk.length
        if (!socket.write(chunk)) socket.pause()
      })
      socket.on('drain', () => socket.resume())
    })
    const { code, result } = await load(server.port, '--io', io, '--deaf', 2)
    expect(code).toBe(0)
    expect(result).toMatchObject({ connected: 7, errors: {}, mismatch: null })
    // More than those who talk have sent, and bounded by what the buffers of two connections hold.
    expect(received).toBeGreaterThan(result.bytesSent + 2 * 65536)
    expect(written).toBeLessThan(result.bytesSent + 64 * 2 ** 20)
  })

  test('--burn: one more connection asks for CPU, and is no part of the figures', async () => {
    const orders: string[] = []
    const listen: Answer = (socket, reply) => {
      if (reply.includes('burn')) orders.push(reply)
      socket.write(reply)
    }
    await using server = await startServer(echo('line', listen))
    const flags = ['--burn', 7, '--rate', 100, '--warmup', 0]
    const { result } = await load(server.port, '--io', io, ...flags)
    expect(result).toMatchObject({ connected: 6, errors: {}, mismatch: null })
    expect(orders.length).toBeGreaterThanOrEqual(3)
    expect(orders[0]).toMatch(/^c000005 s0000000000 burn 7 \.+\n$/)
    expect(result.messages).toBeLessThanOrEqual(100 * result.seconds + 5)
  })

  test('the window opens when all who talk have had a reply', async () => {
    const right = echo('line')
    let served = 0
    await using server = await startServer(async (socket) => {
      served += 1
      socket.pause()
      await sleep(served * 100)
      right(socket)
      socket.resume()
    })
    const { code, result } = await load(server.port, '--io', io, '--warmup', 0, '--duration', 0.2)
    expect(code).toBe(0)
    // Had it opened at once, some would have talked for a fraction of it only.
    expect(result.fairness).toBeGreaterThan(0.9)
  })

  test('an unfair server is found out', async () => {
    const slowFor: Answer = async (socket, reply) => {
      if (!reply.startsWith('c000000')) await sleep(60)
      socket.write(reply)
    }
    await using server = await startServer(echo('line', slowFor))
    const { result } = await load(server.port, '--io', io)
    expect(result.fairness).toBeLessThan(0.5)
    expect(result.fairness).toBeGreaterThanOrEqual(0.2)
  })
})

const refusal = process.platform === 'linux' ? whyNotCounted() : 'perf is for Linux'
test.skipIf(refusal)('--count-system-calls: those of the server, per message', async () => {
  await using server = await startServer(echo('line'))
  const { result } = await load(server.port, '--pid', process.pid, '--count-system-calls')
  // A server on node:net: an epoll_wait, a read and a write, and more when others wait as well.
  expect(result.server!.systemCallsPerMessage).toBeGreaterThan(1)
  expect(result.server!.systemCallsPerMessage).toBeLessThan(20)
  expect(result.server!.threads).toBeGreaterThan(1)
  expect(result.server!.descriptors).toBeGreaterThan(5)
})

test.each([
  [['--rate', 5, '--churn'], '--rate and --churn exclude each other'],
  [['--pause', 1, '--rate', 5], '--rate and --pause exclude each other'],
  [['--churn', '--depth', 2], '--depth is 1 with --churn'],
  [['--burn', 5, '--protocol', 'raw'], '--burn needs --protocol line'],
  [['--count-system-calls'], '--count-system-calls needs --pid'],
])('wrong use: %j', async (flags, hint) => {
  const { code, stderr, stdout } = await load(1, ...flags)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain(hint)
})
