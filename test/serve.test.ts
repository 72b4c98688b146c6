/** The `serve` command as its user sees it: what it prints, where, and with which code it exits. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { freePort } from '../clients/check/program.ts'
import { ClientSession } from '../clients/session.ts'
import { commandOf } from '../servers/boot/build.mjs'
import { ROOT } from '../servers/boot/root.mjs'
import { describeWait, MODELS } from '../servers/models.ts'

const children: ChildProcess[] = []

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

function start(...args: string[]): ChildProcess {
  const [node = '', ...serve] = commandOf('servers/main.ts')
  const child = spawn(node, [...serve, ...args], {
    cwd: fileURLToPath(ROOT),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  return child
}

interface Result {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** All that it says until its end. */
async function finished(child: ChildProcess): Promise<Result> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}

function run(...args: string[]): Promise<Result> {
  return finished(start(...args))
}

/** Runs until it has said that it listens and `meanwhile` is over, then asks it to end. */
async function serveOnce(
  args: readonly string[],
  meanwhile: (port: number, child: ChildProcess) => Promise<void> = async () => {},
): Promise<Result> {
  const child = start(...args, '--port', '0')
  const result = finished(child)
  const [ready] = await once(child.stdout!, 'data')
  await meanwhile(readyPort(String(ready)), child)
  child.kill('SIGTERM')
  return result
}

function readyPort(line: string): number {
  return line.startsWith('{')
    ? JSON.parse(line).port
    : Number(line.slice(line.lastIndexOf(':') + 1))
}

async function sayHello(port: number): Promise<void> {
  using client = await ClientSession.connect({ family: 'IPv4', address: '127.0.0.1', port })
  expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
}

describe('ready', () => {
  test('is one line on stdout, and nothing on stderr', async () => {
    const { code, stdout, stderr } = await serveOnce(['async-await'])
    expect(stdout).toMatch(/^listening 127\.0\.0\.1:\d+\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('an IPv6 address stands in brackets', async () => {
    const { stdout } = await serveOnce(['async-await', '--host', '::1'])
    expect(stdout).toMatch(/^listening \[::1\]:\d+\n$/)
  })

  test('--json: one object', async () => {
    const { stdout } = await serveOnce(['blocking-serial', '--json'])
    expect(stdout).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(stdout)).toEqual({
      event: 'listening',
      address: '127.0.0.1',
      port: expect.any(Number),
      model: 'blocking-serial',
    })
  })

  test('--verbose: connections on stderr, not on stdout', async () => {
    const { stdout, stderr } = await serveOnce(
      ['async-await', '--verbose'],
      async (port, child) => {
        const lines = createInterface(child.stderr!)
        const gone = new Promise((resolve) => {
          lines.on('line', (line) => /^disconnected/.test(line) && resolve(line))
        })
        await sayHello(port)
        await gone
      },
    )
    expect(stdout).toMatch(/^listening [^\n]+\n$/)
    const [connected, disconnected, ...more] = stderr.split('\n')
    expect(connected).toMatch(/^connected from 127\.0\.0\.1:\d+$/)
    expect(disconnected).toBe(`dis${connected}`)
    expect(more).toEqual([''])
  })

  test.each(['async-await', 'blocking-serial'])(
    '%s serves though nobody reads its stdout',
    async (model) => {
      const port = await freePort()
      const child = start(model, '--port', String(port))
      child.stdout!.destroy()
      const stderr = text(child.stderr!)
      await vi.waitFor(async () => {
        using client = await ClientSession.connect({ family: 'IPv4', address: '127.0.0.1', port })
        expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
      }, 20_000)
      child.kill('SIGTERM')
      expect(await once(child, 'exit')).toEqual([0, null])
      expect(await stderr).not.toContain('EPIPE')
    },
  )
})

describe('--list', () => {
  test('is a line per model, with the ways in which it can wait', async () => {
    const { code, stdout, stderr } = await run('--list')
    const lines = stdout.trimEnd().split('\n')
    expect(lines).toHaveLength(MODELS.length)
    for (const [i, { id, summary, waits }] of MODELS.entries()) {
      expect(lines[i]).toMatch(new RegExp(`^${id} +`))
      expect(lines[i]).toContain(`${summary} (${waits.map(describeWait).join(', ')})`)
    }
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('--json: an object per model', async () => {
    const { stdout } = await run('--list', '--json')
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows).toEqual(
      MODELS.map(({ id, summary, waits, exceptions, notes }) => ({
        id,
        summary,
        io: waits.map(describeWait),
        limits: [...Object.values(exceptions), ...notes],
      })),
    )
    // What a model can't do is said here, and not only in its source.
    expect(rows.find(({ id }) => id === 'blocking-serial').limits).not.toEqual([])
  })
})

test.skipIf(!existsSync('/dev/full'))('a full disk is one line, and exit code 1', async () => {
  const full = openSync('/dev/full', 'w')
  const [node = '', ...serve] = commandOf('servers/main.ts')
  const child = spawn(node, [...serve, '--list'], { stdio: ['ignore', full, 'pipe'] })
  children.push(child)
  closeSync(full)
  const [stderr, [code]] = await Promise.all([text(child.stderr!), once(child, 'close')])
  expect(stderr).toBe("error: stdout can't be written: no space left on device\n")
  expect(code).toBe(1)
})

test('--help shows every flag, its default, and examples', async () => {
  const { code, stdout, stderr } = await run('--help')
  const flags = ['host', 'port', 'protocol', 'io', 'poller', 'reactor', 'backlog']
  flags.push('max-connections', 'idle-timeout', 'max-line', 'high-water', 'grace', 'verbose')
  flags.push('threads', 'workers', 'tls-cert', 'tls-key')
  for (const flag of [...flags, 'json', 'list', 'help']) expect(stdout).toContain(`--${flag}`)
  for (const value of ['127.0.0.1', 8881, 1024, 10000, 16384, 65536]) {
    expect(stdout).toMatch(new RegExp(`default:\\s+"?${value}`))
  }
  expect(stdout).toMatch(/Examples:\n {2}npm run serve -- /)
  expect(stdout).not.toContain('faulty')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

describe('wrong use: one line on stderr, nothing on stdout, exit code 2', () => {
  const all = MODELS.map(({ id }) => id).join(', ')

  test.each<[string, string[], string]>([
    ['no model', [], `which model? There are: ${all}`],
    ['a misspelt model', ['pol-loop'], 'unknown model pol-loop (did you mean poll-loop?)'],
    ['another', ['asyncawait'], 'unknown model asyncawait (did you mean async-await?)'],
    ['no such model', ['zzzzzzzzz'], `unknown model zzzzzzzzz (there are: ${all})`],
    ['two models', ['poll-loop', 'asyncore'], 'too many arguments'],
    ['a misspelt flag', ['poll-loop', '--prtocol', 'line'], '(did you mean --protocol?)'],
    ['another', ['poll-loop', '--max-conections', '1'], '(did you mean --max-connections?)'],
    ['no such flag', ['poll-loop', '--zzzzzzzzz'], "unknown option '--zzzzzzzzz'"],
    ['a port too high', ['poll-loop', '--port', '70000'], 'a whole number, 0 to 65535'],
    ['a negative port', ['poll-loop', '--port', '-1'], 'a whole number, 0 to 65535'],
    ['a port in letters', ['poll-loop', '--port', 'x'], 'a whole number, 0 to 65535'],
    ['half a port', ['poll-loop', '--port', '1.5'], 'a whole number, 0 to 65535'],
    ['an empty port', ['poll-loop', '--port', ''], 'a whole number, 0 to 65535'],
    ['a flag without its value', ['poll-loop', '--port'], 'argument missing'],
    ['another model’s flag', ['poll-loop', '--threads', '4'], 'it is for: threads'],
    [
      'another one’s',
      ['threads', '--workers', '2'],
      'threads has no --workers; it is for: cluster',
    ],
    ['no threads', ['threads', '--threads', '0'], 'a whole number, 1 to 1024'],
    ['no connections', ['poll-loop', '--max-connections', '0'], 'a whole number, 1 or more'],
    ['a line of nothing', ['poll-loop', '--max-line', '0'], 'a whole number, 1 to 268435456'],
    ['an empty host', ['poll-loop', '--host', ''], '--host'],
    ['a negative time', ['poll-loop', '--grace', '-1'], 'a number of seconds, such as 0.5 or 30'],
    ['a time in words', ['poll-loop', '--idle-timeout', 'soon'], 'a number of seconds'],
    ['a time without end', ['poll-loop', '--idle-timeout', 'Infinity'], 'a number of seconds'],
    ['an unknown protocol', ['poll-loop', '--protocol', 'lin'], '(did you mean line?)'],
    ['an unknown backend', ['poll-loop', '--io', 'uring'], 'Allowed choices are libc, atomics'],
    ['a backend that a model has not', ['async-await', '--io', 'libc'], 'has no --io libc'],
    [
      'a poller that a model has not',
      ['blocking-serial', '--poller', 'poll'],
      'offers: --io atomics',
    ],
    [
      'epoll on atomics',
      ['poll-loop', '--io', 'atomics', '--poller', 'epoll'],
      'it offers: --io libc',
    ],
    ['a reactor elsewhere', ['poll-loop', '--reactor', 'poll'], 'poll-loop has no --reactor poll'],
  ])('%s', async (_, args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })
})

test('a host that has no address is one line, and exit code 1', async () => {
  const { code, stdout, stderr } = await run('poll-loop', '--host', 'nowhere.invalid')
  expect(stderr).toBe('error: nowhere.invalid has no address: check --host\n')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
})

/** A port that nobody listens on: the way to know it beforehand, for a server that can't say it. */
