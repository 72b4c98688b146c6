import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { BurstResult } from '../../clients/burst/result.ts'
import { echo, Running, refusedPort, runClient, startServer } from './support.ts'

describe('client', () => {
  test.each([[[]], [['talk']], [['lines']], [['burst']], [['load']]])(
    '--help: %s',
    async (name) => {
      const { code, stdout } = await runClient([...name, '--help'])
      expect(code).toBe(0)
      expect(stdout).toContain('Examples:')
    },
  )

  test('an unknown command suggests the nearest', async () => {
    const { code, stderr } = await runClient(['brust'])
    expect(code).toBe(2)
    expect(stderr).toContain('burst')
  })

  test('no command is wrong use', async () => {
    expect((await runClient([])).code).toBe(2)
  })

  test.each(['talk', 'lines', 'burst'])('%s: nobody listens', async (name) => {
    const port = await refusedPort()
    const { code, stderr, stdout } = await runClient([name, '--port', port])
    expect(code).toBe(1)
    const errors = stderr.split('\n').filter((line) => line.startsWith('error'))
    expect(errors).toEqual([expect.stringContaining(`127.0.0.1:${port} refused the connection`)])
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
  })

  test.each([
    ['talk', 'connected to'],
    ['lines', 'Sent:'],
    ['burst', 'clients'],
  ])('%s: Ctrl-C', async (name, ready) => {
    await using server = await startServer((socket) => socket.resume())
    const running = new Running([name, '--port', `${server.port}`])
    await running.says(ready)
    running.child.kill('SIGINT')
    expect(await running.end()).toBe(130)
  })
})

describe('talk', () => {
  test('brings stdin to the server and its answers to stdout, to the last byte', async () => {
    await using server = await startServer(echo('previous'))
    const { code, stdout, stderr } = await runClient(['talk', '--port', server.port], 'a\nb\n')
    expect(code).toBe(0)
    expect(stdout).toBe('a\na\nb\n')
    expect(stderr).toBe(`connected to 127.0.0.1:${server.port}\nclosed by the server\n`)
  })

  test('much more than fits into any buffer', async () => {
    await using server = await startServer(echo('line'))
    const input = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join('')
    const { code, stdout } = await runClient(['talk', '--port', server.port], input)
    expect(code).toBe(0)
    expect(stdout === input).toBe(true)
  })

  test('ends when the server does, though stdin goes on', async () => {
    await using server = await startServer((socket) => socket.end('bye\n'))
    const running = new Running(['talk', '--port', `${server.port}`])
    expect(await running.end()).toBe(0)
    expect(running.stdout).toBe('bye\n')
  })

  test('a reset is an error', async () => {
    await using server = await startServer((socket) =>
      socket.on('data', () => socket.resetAndDestroy()),
    )
    const { code, stderr } = await runClient(['talk', '--port', server.port], 'a\n')
    expect(code).toBe(1)
    expect(stderr).toContain('error: the connection was lost: ECONNRESET')
  })

  test('a reader that has had enough ends it in peace', async () => {
    await using server = await startServer(echo('line'))
    const running = new Running(['talk', '--port', `${server.port}`])
    running.child.stdin.write('first\n')
    await running.says('first')
    running.child.stdout.destroy()
    running.child.stdin.write('second\n')
    expect(await running.end()).toBe(0)
    expect(running.stderr).not.toContain('EPIPE')
  })
})

describe('lines', () => {
  test('shows what it sent and received', async () => {
    await using server = await startServer(echo('previous'))
    const { code, stdout } = await runClient(['lines', '--port', server.port, 'one', 'two'])
    expect(code).toBe(0)
    expect(stdout).toBe(
      'Sent:     one\nReceived: one\nSent:     two\nReceived: one\n          two\n',
    )
  })

  test('sends the lines of a file, whatever bytes they hold', async () => {
    const path = join(tmpdir(), `lines-${process.pid}.bin`)
    await writeFile(path, Buffer.from([0x61, 0x0d, 0x0a, 0x0a, 0x1b, 0xff, 0x62]))
    await using server = await startServer(echo('line'))
    const flags = ['--protocol', 'line', '--file', path]
    const { code, stdout } = await runClient(['lines', '--port', server.port, ...flags])
    expect(code).toBe(0)
    expect(stdout.match(/^Sent:/gm)).toHaveLength(3)
    expect(stdout).toContain('Sent:     a\\x0d\n')
    expect(stdout).not.toContain('\x1b')
  })

  test('a wrong byte: which, and exit 1', async () => {
    const wrong = echo('line', (socket, reply) => socket.write(reply.replace('o', '0')))
    await using server = await startServer(wrong)
    const flags = ['--protocol', 'line', 'two']
    const { code, stderr } = await runClient(['lines', '--port', server.port, ...flags])
    expect(code).toBe(1)
    expect(stderr).toBe('error: wrong reply: byte 2: expected 6f 0a "o\\n", got 30 0a "0\\n"\n')
  })

  test('a reply that is cut off, one that is too long, and none at all', async () => {
    const lines = (port: number) => runClient(['lines', '--timeout', 0.5, '--port', port, 'one'])
    await using cut = await startServer(echo('line', (socket) => socket.end('on')))
    expect(await lines(cut.port)).toMatchObject({
      code: 1,
      stderr: 'error: wrong reply: closed after 2 of 4 bytes\n',
    })
    await using long = await startServer(echo('line', (socket) => socket.write('one\n!')))
    expect(await lines(long.port)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('expected nothing, got 21 "!"'),
    })
    await using silent = await startServer((socket) => socket.resume())
    expect(await lines(silent.port)).toMatchObject({
      code: 1,
      stderr: 'error: the connection was lost: no byte for 0.5 s\n',
    })
  })

  test('wrong use', async () => {
    expect((await runClient(['lines', '--file', '/nonexistent'])).code).toBe(2)
    expect((await runClient(['lines', '--file', 'package.json', 'line'])).code).toBe(2)
  })

  test('| head', async () => {
    const path = join(tmpdir(), `many-${process.pid}.txt`)
    await writeFile(path, 'a line\n'.repeat(1e6))
    await using server = await startServer(echo('line'))
    const flags = ['--protocol', 'line', '--file', path]
    const running = new Running(['lines', '--port', `${server.port}`, ...flags])
    await running.says('Received:')
    running.child.stdout.destroy()
    expect(await running.end()).toBe(0)
    expect(running.stderr).toBe('')
  })
})

describe('burst', () => {
  const burst = async (port: number, ...flags: (string | number)[]) => {
    const run = await runClient(['burst', '--json', '--port', port, ...flags])
    return { ...run, result: JSON.parse(run.stdout) as BurstResult }
  }

  test('all clients complete on a server that serves them side by side', async () => {
    await using server = await startServer(echo('previous'))
    const flags = ['--clients', 20, '--messages', 3, '--pause', 0.3]
    const { code, result } = await burst(server.port, ...flags)
    expect(code).toBe(0)
    expect(result).toMatchObject({ complete: 20, failed: 0, inProgress: 0, waiting: 0 })
    expect(result).toMatchObject({ messages: 60, waitedForOthers: 0, errors: {} })
    expect(result.seconds).toBeGreaterThanOrEqual(0.9)
    expect(result.slowestFirstReply).toBeGreaterThan(0)
    expect(result.latency!.max).toBeGreaterThanOrEqual(result.latency!.p50)
  })

  test('sends Hello World!:n', async () => {
    const seen: string[] = []
    const server = await startServer(
      echo('line', (socket, reply) => seen.push(reply) && socket.write(reply)),
    )
    await using _ = server
    const flags = ['--clients', 1, '--messages', 3, '--pause', 0, '--protocol', 'line']
    expect((await burst(server.port, ...flags)).code).toBe(0)
    expect(seen).toEqual(['Hello World!:0\n', 'Hello World!:1\n', 'Hello World!:2\n'])
  })

  test('a server that serves one client after the other is told as such', async () => {
    await using server = await startServer(serially(echo('previous')))
    const flags = ['--clients', 6, '--messages', 2, '--pause', 0.2, '--timeout', 1.5]
    const { code, result, stderr } = await burst(server.port, ...flags)
    expect(code).toBe(1)
    expect(result.waiting).toBeGreaterThan(0)
    expect(result.complete).toBeLessThan(6)
    expect(result.complete + result.inProgress + result.waiting).toBe(6)
    expect(result.waitedForOthers).toBeGreaterThan(0)
    expect(stderr).toContain('not done in 1.5 s')
  })

  test('a sentence says that clients waited for each other', async () => {
    await using server = await startServer(serially(echo('previous')))
    const flags = ['--clients', 3, '--messages', 1, '--pause', 0.2]
    const { code, stdout } = await runClient(['burst', '--port', server.port, ...flags])
    expect(code).toBe(0)
    expect(stdout).toContain('3 of 3 complete')
    expect(stdout).toContain('2 clients had to wait until others had finished')
  })

  test('a wrong reply fails that client alone', async () => {
    const right = echo('line', (socket, reply, n) => socket.write(n === 3 ? 'Hi\n' : reply))
    await using server = await startServer(right)
    const flags = ['--clients', 5, '--messages', 2, '--pause', 0, '--protocol', 'line']
    const { code, result, stderr } = await burst(server.port, ...flags)
    expect(code).toBe(1)
    expect(result).toMatchObject({ complete: 4, failed: 1, errors: { 'wrong reply': 1 } })
    expect(stderr).toContain('error: a client failed: byte 1: expected 65 6c 6c 6f')
  })

  test.skipIf(process.platform === 'win32')(
    'more clients than descriptors: exit 3, and the result of those that got one',
    async () => {
      let connections = 0
      const right = echo('previous')
      await using server = await startServer((socket) => {
        connections += 1
        if (connections === 1) socket.resetAndDestroy()
        else right(socket)
      })
      const flags = ['--clients', 100, '--messages', 1, '--pause', 0.2, '--json']
      const { code, stdout, stderr } = await runClient(
        ['burst', '--port', server.port, ...flags],
        '',
        60,
      )
      expect(code).toBe(3)
      expect(stderr).toMatch(/^error: .*out of file descriptors: raise the limit with ulimit -n/m)
      // A client that was reset does not hide what the user can change.
      const { complete, errors }: BurstResult = JSON.parse(stdout)
      expect(complete).toBeGreaterThan(0)
      expect(errors.EMFILE).toBeGreaterThan(0)
    },
  )
})

/** Handles a connection only when the one before it has been closed. */
function serially(handle: (socket: Parameters<ReturnType<typeof echo>>[0]) => void) {
  let last = Promise.resolve()
  return (socket: Parameters<typeof handle>[0]) => {
    const before = last
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    last = closed
    before.then(() => handle(socket))
  }
}
