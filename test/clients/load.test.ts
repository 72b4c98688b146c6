import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { LoadResult } from '../../clients/load/result.ts'
import { type Answer, echo, Running, refusedPort, runClient, startServer } from './support.ts'

// The epoll engine is Linux's; the other one runs everywhere.
const ENGINES = process.platform === 'linux' ? ['libc', 'node'] : ['node']
const QUICK = ['--connections', 5, '--duration', 0.3, '--warmup', 0.1]

async function load(port: number, ...flags: (string | number)[]) {
  const run = await runClient(['load', '--json', '--port', port, ...QUICK, ...flags])
  const result: LoadResult = run.stdout === '' ? undefined : JSON.parse(run.stdout)
  return { ...run, result }
}

/** Only these numbers of replies are answered otherwise. */
const spoil = (isSpoilt: (n: number) => boolean, otherwise: Answer): Answer => {
  return (socket, reply, n) =>
    isSpoilt(n) ? otherwise(socket, reply, n) : socket.write(reply, 'latin1')
}

describe.each(ENGINES)('load with the engine %s', (io) => {
  test.each(['previous', 'line', 'raw'] as const)(
    'measures a right server: %s',
    async (protocol) => {
      await using server = await startServer(echo(protocol))
      const { code, result } = await load(server.port, '--io', io, '--protocol', protocol)
      expect(code).toBe(0)
      expect(result).toMatchObject({ connected: 5, errors: {}, mismatch: null, server: null })
      expect(result.asked).toMatchObject({ io, protocol, size: 64, depth: 1, connections: 5 })
      expect(result.messages).toBeGreaterThan(0)
      expect(result.seconds).toBeGreaterThanOrEqual(0.3)
      expect(result.messagesPerSecond).toBeCloseTo(result.messages / result.seconds)
      const received = result.messages * 64 * (protocol === 'previous' ? 2 : 1)
      // Up to a message per connection was begun before the window, or ended after it.
      expect(Math.abs(result.bytesReceived - received)).toBeLessThanOrEqual(5 * 128)
      expect(Math.abs(result.bytesSent - result.messages * 64)).toBeLessThanOrEqual(5 * 64)
      const { p50, p90, p99, p999, max } = result.latency!
      expect([p50, p90, p99, p999, max]).toEqual(
        [p50, p90, p99, p999, max].toSorted((a, b) => a - b),
      )
      expect(p50).toBeGreaterThan(0)
      expect(result.client.cpuPerMessage).toBeGreaterThan(0)
    },
  )

  test.each([
    ['--size', 1],
    ['--size', 7],
    ['--size', 200_000],
    ['--depth', 8],
    ['--depth', 8, '--size', 100_000],
  ])('any shape of load: %s %s', async (...flags) => {
    await using server = await startServer(echo('previous'))
    const { code, result } = await load(server.port, '--io', io, ...flags)
    expect(code).toBe(0)
    expect(result).toMatchObject({ errors: {}, mismatch: null })
    expect(result.messages).toBeGreaterThan(0)
  })

  test('a wrong byte in the 1000th reply makes the run void', async () => {
    const wrong: Answer = (socket, reply) => socket.write(reply.replace(/.(?=\n$)/, 'X'), 'latin1')
    await using server = await startServer(
      echo(
        'previous',
        spoil((n) => n === 1000, wrong),
      ),
    )
    const { code, result, stderr } = await load(server.port, '--io', io, '--duration', 30)
    expect(code).toBe(1)
    const { mismatch } = result
    expect(mismatch).toMatchObject({ offset: 126, expected: '2e0a', got: '580a' })
    expect(mismatch!.sequence).toBeGreaterThan(0)
    const where = `connection ${mismatch!.connection} to message ${mismatch!.sequence}`
    expect(stderr).toContain(`void: wrong reply on ${where}: byte 126: expected 2e 0a ".\\n"`)
  })

  test('a byte more than is due makes the run void', async () => {
    const more: Answer = (socket, reply) => socket.write(`${reply}!`, 'latin1')
    await using server = await startServer(
      echo(
        'line',
        spoil((n) => n === 50, more),
      ),
    )
    const flags = ['--protocol', 'line', '--duration', 30, '--io', io]
    const { code, result } = await load(server.port, ...flags)
    expect(code).toBe(1)
    expect(result.mismatch).toMatchObject({ got: expect.stringMatching(/^21/) })
  })

  test('replies of two connections exchanged are found', async () => {
    let held: { socket: Parameters<Answer>[0]; reply: string } | undefined
    const exchange: Answer = (socket, reply) => {
      if (!held) held = { socket, reply }
      else {
        held.socket.write(reply)
        socket.write(held.reply)
      }
    }
    // After the first message of each of the five connections, which the others wait for.
    const pair = (n: number) => n === 6 || n === 7
    await using server = await startServer(echo('line', spoil(pair, exchange)))
    const { code, result } = await load(server.port, '--protocol', 'line', '--io', io)
    expect(code).toBe(1)
    expect(result.mismatch).toMatchObject({ expected: expect.stringMatching(/^3/), offset: 6 })
  })

  test('connections that are closed early are counted, and the others go on', async () => {
    let closed = 0
    const close: Answer = (socket, reply) => (closed++ < 2 ? socket.end() : socket.write(reply))
    await using server = await startServer(
      echo(
        'previous',
        spoil((n) => n > 100, close),
      ),
    )
    const { code, result } = await load(server.port, '--io', io)
    expect(code).toBe(0)
    expect(result).toMatchObject({ errors: { closed: 2 }, mismatch: null, connected: 5 })
  })

  test('all closed at once: no success', async () => {
    await using server = await startServer((socket) => socket.end())
    const { code, result } = await load(server.port, '--io', io, '--duration', 30)
    expect(code).toBe(1)
    expect(result.messages).toBe(0)
    const lost = (result.errors.closed ?? 0) + (result.errors.reset ?? 0)
    expect(lost).toBe(5)
  })

  test('resets are counted', async () => {
    const reset: Answer = (socket) => socket.resetAndDestroy()
    await using server = await startServer(echo('line', reset))
    const { code, result } = await load(server.port, '--protocol', 'line', '--io', io)
    expect(code).toBe(1)
    expect(result.errors).toEqual({ reset: 5 })
  })

  test('a server that says nothing', async () => {
    await using server = await startServer((socket) => socket.resume())
    const { code, result } = await load(server.port, '--stall', 0.4, '--io', io)
    expect(code).toBe(1)
    expect(result).toMatchObject({ messages: 0, errors: { stalled: 5 }, latency: null })
  })

  test('replies that come byte by byte', async () => {
    const drip: Answer = async (socket, reply) => {
      for (const byte of reply) {
        socket.write(byte)
        await sleep(1)
      }
    }
    await using server = await startServer(echo('previous', drip))
    const { code, result } = await load(server.port, '--size', 20, '--io', io)
    expect(code).toBe(0)
    expect(result).toMatchObject({ errors: {}, mismatch: null })
    expect(result.latency!.p50).toBeGreaterThan(20_000)
  })

  test('idle connections are opened, and answer at the end', async () => {
    await using server = await startServer(echo('previous'))
    const { code, result } = await load(server.port, '--idle', 300, '--io', io)
    expect(code).toBe(0)
    expect(result).toMatchObject({ connected: 305, idle: { asked: 300, alive: 300 }, errors: {} })
  })

  test('idle connections that the server has closed are found', async () => {
    let n = 0
    const right = echo('previous')
    await using server = await startServer((socket) => {
      n += 1
      right(socket)
      if (n > 5 && n <= 15) socket.end()
    })
    const { result } = await load(server.port, '--idle', 20, '--io', io)
    expect(result.idle.asked).toBe(20)
    expect(result.idle.alive).toBe(10)
    expect((result.errors.closed ?? 0) + (result.errors.reset ?? 0)).toBe(10)
  })

  test('with --pid, the CPU time and the memory of that process', async () => {
    await using server = await startServer(echo('previous'))
    const { result } = await load(server.port, '--pid', process.pid, '--io', io)
    expect(result.server!.pid).toBe(process.pid)
    if (process.platform !== 'linux') return
    const { cpuSeconds, cpuPerMessage, residentBefore, residentAfter } = result.server!
    expect(cpuSeconds).toBeGreaterThan(0)
    expect(cpuPerMessage).toBeCloseTo((cpuSeconds! * 1e6) / result.messages)
    expect(residentBefore).toBeGreaterThan(1e6)
    expect(residentAfter).toBeGreaterThan(1e6)
  })

  test('a port at which nobody listens: one clear line', async () => {
    const port = await refusedPort()
    const { code, stderr, result } = await load(port, '--io', io)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: 127.0.0.1:${port} refused the connection`)
    expect(result.errors).toEqual({ refused: 5 })
  })

  test('Ctrl-C', async () => {
    await using server = await startServer(echo('previous'))
    const running = new Running(['load', '--port', `${server.port}`, '--io', io])
    await running.says('connections open')
    running.child.kill('SIGINT')
    expect(await running.end()).toBe(130)
    expect(running.stdout).toBe('')
  })
})

describe('load', () => {
  test('shows its result as a table without colour, and its progress on stderr', async () => {
    await using server = await startServer(echo('line'))
    const run = await runClient(['load', '--port', server.port, '--protocol', 'line', ...QUICK])
    expect(run.code).toBe(0)
    expect(run.stdout).toMatch(/^ {2}latency {6}p50 /m)
    expect(run.stdout).toMatch(/^ {2}errors {7}none$/m)
    expect(run.stderr).toContain('5 connections open')
    expect(run.stdout + run.stderr).not.toContain('\x1b')
  })

  test.each([
    [['--size', '0'], 'whole number'],
    [['--connections', '0'], 'both 0'],
    [['--duration', '0'], 'more than 0'],
    [['--protocol', 'lin'], 'did you mean line?'],
    [['--conections', '1'], '--connections'],
    [['--depth', '1024', '--size', '1000000'], 'must not exceed'],
  ])('wrong use: %s', async (flags, hint) => {
    const { code, stderr, stdout } = await runClient(['load', ...flags])
    expect(code).toBe(2)
    expect(stderr).toContain(hint)
    expect(stdout).toBe('')
  })

  test('a process that does not exist', async () => {
    const { code, stderr } = await runClient(['load', '--pid', 2 ** 22 + 1])
    expect(code).toBe(1)
    expect(stderr).toContain('there is no process')
  })
})
