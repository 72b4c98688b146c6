/** `client check`: what it finds in servers that are right, wrong, or no echo servers at all. */
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CheckResult } from '../../clients/check/result.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { echo, Running, startServer } from './support.ts'

const IS_LINUX = process.platform === 'linux'
const SETTINGS = ['max-connections', 'idle-timeout', 'grace']
const FLAGS = SETTINGS.flatMap((name) => ['--flags', `${name}=--${name} {n}`])

async function check(...args: readonly string[]) {
  const running = new Running(['check', ...args])
  const code = await running.end()
  const { stdout, stderr } = running
  return { code, stdout, stderr }
}

/** A server of ours with a fault that breaks one promise: see sabotaged.mjs. */
function sabotaged(fault: number): string[] {
  const [node, ...serve] = commandOf('servers/main.ts')
  const program = [node, '--import', './test/clients/sabotaged.mjs', ...serve].join(' ')
  const command = `env FAULT=${fault} ${program} callbacks --protocol line --port {port}`
  return ['--command', command, ...FLAGS, '--timeout', '3']
}

/** The verdicts by promise. */
function verdicts(stdout: string): Record<number, string> {
  const { promises }: CheckResult = JSON.parse(stdout)
  return Object.fromEntries(promises.map(({ promise, verdict }) => [promise, verdict]))
}

describe.runIf(IS_LINUX)('servers with one fault', () => {
  test.each<[number, string]>([
    [1, 'a wrong byte: byte 1: expected 0d 0a 0d 62 0a 0d 0a "\\r\\n\\rb\\n\\r\\n", got 0a'],
    [2, '17 bytes, "first\\nsecond\\nlast" and the FIN, got the FIN after 13 bytes'],
    [3, 'less than 16.0 MiB more memory'],
    [4, 'descriptors of before, got'],
    [5, 'expected 10 bytes, "let me in\\n", got '],
    [6, 'the connection to be closed, got nothing for 3 s'],
    [7, 'hardly any use of a CPU'],
    [8, 'expected the FIN, got '],
    [9, 'one line on stderr, got 3 lines'],
  ])('promise %i is broken, and it is said how', { timeout: 90_000 }, async (fault, evidence) => {
    const only = [...new Set([1, 2, fault])].join(',')
    const { code, stdout } = await check(...sabotaged(fault), '--only', only, '--json')
    expect(code).toBe(1)
    const { [fault]: verdict, ...others } = verdicts(stdout)
    expect(verdict).toBe('broken')
    expect(new Set(Object.values(others))).toEqual(new Set(['kept']))
    const { promises }: CheckResult = JSON.parse(stdout)
    const cases = promises.find(({ promise }) => promise === fault)!.cases
    const found = cases.flatMap((one) =>
      one.kind === 'broken' ? [`expected ${one.expected}, got ${one.got}`] : [],
    )
    expect(found.join('\n')).toContain(evidence)
  })

  test('without a fault every promise is kept', { timeout: 90_000 }, async () => {
    const { code, stdout, stderr } = await check(...sabotaged(0))
    expect(stdout.split('\n').filter((line) => / kept /.test(line))).toHaveLength(9)
    expect(stderr).toMatch(/^\[1\/\d+\] 1: a line, in one piece$/m)
    expect(code).toBe(0)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('reports', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'echo-check-'))
  })

  afterAll(() => rm(folder, { recursive: true }))

  test('a model, as TAP and as JUnit; what can not be told is skipped', async () => {
    const file = join(folder, 'report.xml')
    const args = ['blocking-serial', '--only', '2,5', '--tap', '--junit', file]
    const { code, stdout } = await check(...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^TAP version 14\n1\.\.9\nok 1 - promise 2: /)
    expect(stdout).toMatch(/^ok 9 - promise 5: .* # SKIP The limit is always 1/m)
    const xml = await readFile(file, 'utf8')
    expect(xml).toContain('<testsuite name="2 Half-close" tests="7" failures="0" skipped="0">')
    expect(xml).toContain('<skipped message="The limit is always 1')
  })

  test('broken, in all forms', async () => {
    const shout = echo('raw', (socket, reply) => socket.write(reply.replace('<', '>'), 'latin1'))
    await using server = await startServer(shout)
    const file = join(folder, 'broken.xml')
    const target = [`127.0.0.1:${server.port}`, '--only', '1']
    const tap = await check(...target, '--tap', '--junit', file)
    expect(tap.code).toBe(1)
    expect(tap.stdout).toMatch(/^not ok \d+ - promise 1: every byte, in one piece\n# expected/m)
    expect(await readFile(file, 'utf8')).toMatch(
      /<failure message="expected 257 bytes, got a wrong/,
    )
    const text = await check(...target)
    expect(text.stdout).toContain('Broken: promise 1, “Every byte”: every byte, in one piece\n')
    expect(text.stdout).toContain('See docs/protocol.md#what-every-server-promises.')
  })

  test('a file that can not be written is one line', async () => {
    const { code, stderr } = await check('callbacks', '--only', '2', '--junit', folder)
    expect(code).toBe(1)
    expect(stderr).toContain(`error: ${folder} can't be written: `)
  })
})

describe('a server that runs somewhere', () => {
  test.each(['raw', 'line', 'previous'] as const)('its protocol is found out: %s', async (name) => {
    await using server = await startServer(echo(name))
    const { code, stdout } = await check(`127.0.0.1:${server.port}`, '--only', '4', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ protocol: name })
    expect(code).toBe(0)
  })

  test('another protocol than was said is a note', async () => {
    await using server = await startServer(echo('previous'))
    const target = `127.0.0.1:${server.port}`
    const { code, stderr } = await check(target, '--protocol', 'raw', '--only', '1')
    expect(stderr).toContain(`note: ${target} seems to speak previous, and raw is expected of it`)
    expect(code).toBe(1)
  })

  test('what needs a process can not be told: exit code 3', async () => {
    await using server = await startServer(echo('raw'))
    const { code, stdout } = await check(`127.0.0.1:${server.port}`, '--only', '7,8')
    expect(code).toBe(3)
    expect(stdout).toContain('promise 7, 8: this needs a server of its own: use --command')
  })

  test.each([
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'it seems to speak HTTP'],
    ['speaks HTTP/0.9', '<!DOCTYPE HTML>\n<html>', 'it seems to speak HTTP'],
    ['says something else', 'hello, who is there?\n', 'it answers "echo one\\n" with "hello'],
    ['closes at once', '', 'it closes a connection before it answers a line'],
  ])('one that %s gets a hint, and exit code 3', async (_, reply, hint) => {
    await using server = await startServer((socket) => socket.once('data', () => socket.end(reply)))
    const { code, stdout, stderr } = await check(`127.0.0.1:${server.port}`)
    expect(stderr).toContain(`error: 127.0.0.1:${server.port}: ${hint}`)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  })

  test('nobody there is one line', async () => {
    const { code, stderr } = await check('127.0.0.1:1')
    expect(stderr).toMatch(/^error: 127\.0\.0\.1:1 refused the connection: .*\n$/)
    expect(code).toBe(1)
  })
})

/** A process that has ended may still be listed, if its parent has ended before it: a zombie. */
function isAlive(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch {
    return false
  }
}

describe.runIf(IS_LINUX)('a command', () => {
  const node = process.execPath

  test('that crashes: how it ended', async () => {
    const { code, stderr } = await check('--command', `${node} -e 'process.exit(3)' {port}`)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error: .* did not start \(exit 3\): /)
  })

  test('that never listens is given up, and is gone', async () => {
    const file = join(tmpdir(), `echo-check-${process.pid}`)
    const command = `echo $$ > ${file}; sleep 1000; : {port}`
    const { code, stderr } = await check('--command', command, '--timeout', '1')
    expect(code).toBe(1)
    expect(stderr).toContain('no connection was accepted in 1 s')
    const pid = (await readFile(file, 'utf8')).trim()
    expect(isAlive(pid)).toBe(false)
    await rm(file)
  })

  test('Ctrl-C leaves no process behind', async () => {
    const file = join(tmpdir(), `echo-check-server-${process.pid}.mjs`)
    await writeFile(
      file,
      `import { createServer } from 'node:net'
      createServer((socket) => socket.pipe(socket)).listen(process.argv[2], '127.0.0.1')
      console.error('pid', process.pid)`,
    )
    const running = new Running(['check', '--command', `${node} ${file} {port} 2> ${file}.pid`])
    await running.says('[3/')
    running.child.kill('SIGINT')
    expect(await running.end()).toBe(130)
    const pid = (await readFile(`${file}.pid`, 'utf8')).split(' ')[1]!.trim()
    await expect.poll(() => isAlive(pid)).toBe(false)
    await Promise.all([rm(file), rm(`${file}.pid`)])
  })
})

test.each<[string[], RegExp]>([
  [[], /needs a target or --command/],
  [['poll-loop', '--command', 'x {port}'], /and not both/],
  [['pol-loop'], /unknown HOST:PORT or model pol-loop \(did you mean poll-loop/],
  [['--command', 'true'], /--command true: it needs \{port\}/],
  [['poll-loop', '--timeout', '0'], /--timeout .*whole number/],
  [['poll-loop', '--only', '10'], /promises are numbers from 1 to 9/],
  [['poll-loop', '--json', '--tap'], /exclude each other/],
  [['poll-loop', '--protocol', 'http'], /Allowed choices are previous, line, raw/],
  [['--flags', 'max-connection=x {n}'], /did you mean max-connections/],
  [['--flags', 'grace=--grace'], /needs \{n\}/],
])('wrong use: %j', async (args, message) => {
  const { code, stdout, stderr } = await check(...args)
  expect(stderr).toMatch(message)
  expect(stderr.trimEnd()).not.toContain('\n')
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
})
