/** The command `npm run bench` as its user sees it, with cells that are as short as can be. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchDocument, Parameters } from '../../bench/document/document.ts'
import { measureAll, planCells } from '../../bench/run/cells.ts'
import type { Row } from '../../bench/run/rows.ts'
import { PLAIN } from '../../bench/workloads.ts'
import { launchProgram } from '../../clients/launcher.ts'
import { runProgram } from './command.ts'

const SHORT = [
  '--connections',
  '1,5',
  '--duration',
  '0.3',
  '--warmup',
  '0.05',
  '--no-pin',
  '--rounds',
  '1',
  '--no-save',
]

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-bench-test-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

function bench(args: readonly string[], watch = (_: string, _kill: Kill) => {}) {
  return runProgram('bench/main.ts', args, { watch })
}

type Kill = (signal: NodeJS.Signals) => void

test('a table on stdout, progress on stderr, everything in the JSON file', async () => {
  const file = join(folder, 'result.json')
  const run = await bench(['--models', 'async-await,blocking-serial', ...SHORT, '--json', file])
  expect(run.code, run.stdout).toBe(0)
  expect(run.stdout).toMatch(/^1 connection: raw, 64 bytes, 0\.\d+ s$/m)
  expect(run.stdout).toMatch(/^5 connections: raw, 64 bytes, 0\.\d+ s$/m)
  expect(run.stdout).toMatch(/^async-await +node +[\d ]+/m)
  expect(run.stdout).toContain('left out: blocking-serial: ')
  expect(run.stderr).toMatch(
    /^\[1\/3, \d+ s left\] [a-z-]+, [a-z]+, \d connections?: raw, 64 bytes: [\d ]+ messages\/s$/m,
  )

  const document: BenchDocument = JSON.parse(await readFile(file, 'utf8'))
  expect(document).toMatchObject({ schemaVersion: 3, interrupted: false })
  expect(document.parameters).toMatchObject({ duration: 0.3, warmup: 0.05, rounds: 1 })
  expect(document.workloads).toMatchObject([
    { id: 'custom', loads: [{ ...PLAIN }, { ...PLAIN, connections: 5 }] },
  ])
  const cell = document.cells.find(
    ({ model, load }) => model === 'async-await' && load.connections === 5,
  )
  expect(cell?.rounds[0]).toMatchObject({ kind: 'measured', result: { connected: 5, errors: {} } })
})

test('--http: every model speaks it, beside a plain node:http server', async () => {
  const load = [
    '--connections',
    '5',
    '--duration',
    '1',
    '--warmup',
    '0',
    '--rounds',
    '1',
    '--no-save',
  ]
  const run = await bench(['--models', 'callbacks', '--http', '--explain', ...load])
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^5 connections: HTTP, a path, 1(\.\d+)? s$/m)
  expect(run.stdout).toMatch(/^plain node:http +node +[\d ]+/m)
  expect(run.stdout).toMatch(/^callbacks +node +[\d ]+/m)
  expect(run.stdout).toMatch(/^÷ node:http +CPU per message, divided/m)
})

test('Ctrl-C shows and saves what was measured, and exits with 130', async () => {
  const file = join(folder, 'interrupted.json')
  const run = await bench(
    ['--models', 'async-await', ...SHORT, '--rounds', '100', '--json', file],
    (stderr, kill) => {
      if (stderr.includes('[2/')) kill('SIGINT')
    },
  )
  expect(run.code).toBe(130)
  expect(run.stdout).toContain('The run was interrupted')
  expect(run.stdout).toMatch(/^async-await +node +[\d ]+/m)
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ interrupted: true })
})

describe('wrong use exits with 2, says why in a line, and measures nothing', () => {
  test.each([
    [['--models', 'pol-loop'], /unknown model pol-loop \(did you mean poll-loop\?\)/],
    [['--io', 'lib'], /unknown io lib \(did you mean libc\?\)/],
    [['--connections', '0'], /whole numbers of 1 or more/],
    [['--connections', '1,x'], /whole numbers of 1 or more/],
    [['--duration', '0'], /--duration is more than 0/],
    [['--rounds', '0'], /1 or more/],
    [['--protocol', 'htp'], /Allowed choices are previous, line, raw, http/],
    [['--http', '--idle', '10'], /--idle is for the echo protocols/],
    [['--http', '--rate', '10'], /--rate is for the echo protocols/],
    [['--quick', '--full'], /--quick and --full exclude each other/],
    [['--workloads', 'steadi'], /unknown workload steadi \(did you mean steady\?\)/],
    [['--workloads', 'ping', '--size', '10'], /the workloads of the list have loads of their own/],
    [['--json', '/no/such/folder/file.json'], /the folder can't be written to/],
    [['--json', '-', '--csv', '-'], /stdout has room for one report/],
    [['--baseline', 'of-nobody'], /no baseline of-nobody/],
    [['--fail-on-regression'], /--fail-on-regression is for --baseline/],
    [['--models', 'async-await', '--io', 'libc'], /no model waits that way/],
    [['--durration', '1'], /unknown option '--durration'.*--duration/],
  ])('%j', async (args, message) => {
    const run = await bench(args)
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})

describe('a cell fails', () => {
  const parameters: Parameters = {
    duration: 0.2,
    warmup: 0.1,
    rounds: 1,
    seed: 1,
    pinned: null,
    sharedServers: false,
    systemCalls: false,
  }
  const load = { ...PLAIN, connections: 3 }

  const { signal } = new AbortController()

  async function outcomeOf(row: Row) {
    const cells = planCells([row], [{ id: 'w', shows: '', loads: [load] }])
    await measureAll(cells, parameters, signal, () => {})
    return cells[0]!.rounds[0]!
  }

  /** A server of a few lines: `reply` is the body of a function of `chunk` and `socket`. */
  function rowOf(reply: string) {
    const program = `
      let count = 0
      const server = require('node:net').createServer((socket) => {
        socket.on('error', () => {})
        socket.on('data', (chunk) => { count += 1; ${reply} })
      })
      server.listen(0, '127.0.0.1', () => console.log('listening 127.0.0.1:' + server.address().port))`
    const start = () => launchProgram([process.execPath, '-e', program])
    const cannot = () => undefined
    return { name: 'test', wait: 'node', io: 'node' as const, isParallel: false, start, cannot }
  }

  test('of a server that is right: it is measured', async () => {
    const outcome = await outcomeOf(rowOf('socket.write(chunk)'))
    expect(outcome).toMatchObject({ kind: 'measured', result: { errors: {}, mismatch: null } })
  })

  test('by one wrong byte', async () => {
    const row = rowOf('if (count === 50) chunk[10] ^= 1; socket.write(chunk)')
    const outcome = await outcomeOf(row)
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('the run is void'),
    })
  })

  test('by a server that answers nothing', async () => {
    const outcome = await outcomeOf(rowOf('socket.destroy()'))
    expect(outcome).toMatchObject({ kind: 'failed' })
  })

  test('by a server that does not start', async () => {
    const start = () => launchProgram([process.execPath, '-e', 'throw new Error("no luck")'])
    const row = { ...rowOf(''), start }
    const outcome = await outcomeOf(row)
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('no luck') })
  })
})
