/** The command `npm run bench:compare` as its user sees it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchDocument, Cell, Outcome } from '../../bench/document/document.ts'
import { type Run, runProgram, runUnread } from './command.ts'
import { cellOf, documentOf, measured } from './documents.ts'

let folder: string
let before: string
let slower: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-compare-test-'))
  before = await save('before', runOf(1))
  slower = await save('slower', runOf(1.3))
})

afterAll(() => rm(folder, { recursive: true }))

const COSTS = [5, 5.02, 4.98, 5.01, 4.99, 5]

function runOf(factor: number): BenchDocument {
  const rounds = COSTS.map((cost) => measured({ cpuPerMessage: cost * factor }))
  return documentOf([cellOf('poll-loop', rounds)])
}

async function save(name: string, document: BenchDocument): Promise<string> {
  const file = join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(document))
  return file
}

/** What was printed, with the lines that were broken at 80 characters put together. */
function unwrapped({ stdout }: Run): string {
  return stdout.replace(/\n {2}/g, ' ')
}

const compare = (...args: string[]) => runProgram('bench/compare.ts', args)

test('says which is which, shows the table, and exits with 0', async () => {
  const run = await compare(before, slower)
  expect(run).toMatchObject({ code: 0, stderr: '' })
  expect(run.stdout).toContain(`A: ${before}, 2026-01-02 03:04 UTC, rounds: 6\nB: ${slower}, `)
  expect(run.stdout).toMatch(/^poll-loop +libc poll +5\.00 +6\.50 +1\.30 .* slower$/m)
  expect(run.stdout).toMatch(/\n1 cell compared: 1 slower \(noise threshold 5 %\); 1 regression\n$/)
})

describe('--fail-on-regression', () => {
  test('exits with 1 if there is one', async () => {
    const run = await compare(before, slower, '--fail-on-regression')
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(unwrapped(run)).toMatch(
      /^regression: poll-loop libc poll \(.*\): CPU per message ×1\.30$/m,
    )
  })

  test.each([
    ['what is faster is none', () => [slower, before]],
    ['what is below the threshold is none', () => [before, slower, '--noise-threshold', '31']],
  ])('%s', async (_, args) => {
    expect(await compare(...args(), '--fail-on-regression')).toMatchObject({ code: 0, stderr: '' })
  })

  test('tells by its exit code also whoever has closed the pipe', async () => {
    const run = await runUnread('bench/compare.ts', [before, slower, '--fail-on-regression'])
    expect(run).toEqual({ code: 1, stderr: '' })
  })
})

describe('a run that is worse in another way exits with 1', () => {
  const good = measured({})
  const rounds = (round: Outcome) => COSTS.map(() => round)
  const latency = { mean: 400, p50: 400, p90: 600, p99: 900, p999: 950, max: 990 }
  const open = { rate: 5000 }
  const other = cellOf('callbacks', rounds(good))

  async function judge(a: readonly Cell[], b: readonly Cell[], ...flags: string[]) {
    const files = await Promise.all([save('a', documentOf(a)), save('b', documentOf(b))])
    return compare(...files, ...flags)
  }

  test.each<[string, Cell, Cell[], RegExp]>([
    [
      'a cell that failed',
      cellOf('poll-loop', rounds(good)),
      [cellOf('poll-loop', rounds({ kind: 'failed', reason: 'the run is void' }))],
      /^regression: poll-loop libc poll \(.*\): failed: the run is void$/m,
    ],
    [
      'a cell that is empty',
      cellOf('poll-loop', rounds(good)),
      [cellOf('poll-loop', rounds({ kind: 'left out', reason: 'no place' }))],
      /^regression: poll-loop libc poll \(.*\): left out: no place$/m,
    ],
    [
      'a cell that is missing',
      cellOf('poll-loop', rounds(good)),
      [],
      /^regression: missing in B: custom, .*: poll-loop libc poll$/m,
    ],
    [
      'ten times the latency at the same CPU',
      cellOf('poll-loop', rounds(good), open),
      [cellOf('poll-loop', rounds(measured({ result: { latency } })), open)],
      /^regression: poll-loop libc poll \(.*\): p99 ×10\.00$/m,
    ],
    [
      'a tenth of the throughput at the same CPU',
      cellOf('poll-loop', rounds(good)),
      [cellOf('poll-loop', rounds(measured({ messagesPerSecond: 100 })))],
      /^regression: poll-loop libc poll \(.*\): messages\/s ×0\.10$/m,
    ],
    [
      'more errors',
      cellOf('poll-loop', rounds(measured({ result: { errors: { reset: 1 } } }))),
      [cellOf('poll-loop', rounds(measured({ result: { errors: { reset: 20 } } })))],
      /^regression: poll-loop libc poll \(.*\): more errors: 6 of 6 006 in A, 120 of 6 120 in B$/m,
    ],
  ])('%s', async (_, before, after, line) => {
    const run = await judge([before, other], [...after, other], '--fail-on-regression')
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(unwrapped(run)).toMatch(line)
    expect(run.stdout).toMatch(/; [12] regressions?\n$/)
    expect(run.stdout.split('\n').filter((text) => text.length > 80)).toEqual([])
  })

  test('no common cell: always, and in one line', async () => {
    const [a, b] = [cellOf('poll-loop', rounds(good)), other]
    const run = await judge([a], [b])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/^error: 0 cells compared: none has figures in both A, .*\n$/)
  })

  test('nor one load: the line says which', async () => {
    const load = { connections: 1 }
    const run = await judge([cellOf('a', [good])], [cellOf('a', [good], load)])
    expect(run).toMatchObject({ code: 1, stdout: '' })
    expect(run.stderr).toMatch(/ \(workload custom, .*, connections: 100 in A, 1 in B\)\n$/)
  })

  test('no common cell that has figures: after the table', async () => {
    const failed: Outcome = { kind: 'failed', reason: 'the run is void' }
    const run = await judge([cellOf('a', [good])], [cellOf('a', [failed])])
    expect(run).toMatchObject({ code: 1, stdout: expect.stringContaining('0 cells compared') })
    expect(run.stderr).toMatch(/^error: 0 cells compared: .*\n$/)
  })

  test('no cell that can be judged, where --fail-on-regression asks for it', async () => {
    const parameters = { ...documentOf([]).parameters, rounds: 6 }
    const run = documentOf([cellOf('a', [good, good, good])], { parameters, interrupted: true })
    const files = await Promise.all([save('a', run), save('b', run)])
    expect(await compare(...files)).toMatchObject({ code: 0, stderr: '' })
    expect(await compare(...files, '--fail-on-regression')).toMatchObject({
      ...{ code: 1, stderr: expect.stringMatching(/^error: 0 cells judged: .*\n$/) },
    })
  })
})

test('--fail-on-regression with fewer than 6 rounds on a side: refused in one line', async () => {
  const few = await save('few', documentOf([cellOf('poll-loop', [measured({})])]))
  expect(await compare(before, few)).toMatchObject({ code: 0, stderr: '' })
  expect(await compare(before, few, '--fail-on-regression')).toEqual({
    ...{ code: 2, stdout: '' },
    stderr: `error: --fail-on-regression is for 6 rounds or more: B, ${few}, has 1\n`,
  })
})

test('--wide shows all columns', async () => {
  const { stdout } = await compare(before, slower, '--wide')
  expect(stdout).toMatch(/^model +waits on +µs A .* p99 interval +verdict$/m)
})

test('--json: all that was found, in a file beside the table, or alone on stdout', async () => {
  const file = join(folder, 'comparison.json')
  const [beside, alone] = await Promise.all([
    compare(before, slower, '--json', file),
    compare(before, slower, '--json', '-'),
  ])
  const found = JSON.parse(alone.stdout)
  expect(found).toMatchObject({
    ...{ a: before, b: slower, noiseThreshold: 5, onlyInA: [], onlyInB: [] },
    cells: [{ model: 'poll-loop', verdict: 'slower', regressions: ['CPU per message ×1.30'] }],
  })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(found)
  expect(beside.stdout).toContain('1 regression')
})

test('another machine or another load: refused with a line for each difference', async () => {
  const document = runOf(1)
  const other = await save('other', {
    ...document,
    machine: { ...document.machine, cores: 64 },
    parameters: { ...document.parameters, duration: 9, rounds: 7, seed: 2 },
  })
  expect(await compare(before, other)).toEqual({
    code: 2,
    stdout: '',
    stderr: `error: A, ${before}, and B, ${other}, can't be compared:
  machine, cores: 2 in A, 64 in B
  parameters, duration: 1 in A, 9 in B
`,
  })
})

describe('wrong use exits with 2 and says why in a line', () => {
  test.each([
    [() => [before], /missing required argument 'B\.json'/],
    [() => [before, '/no/such/file.json'], /no\/such\/file\.json can't be read: no such file/],
    [() => [before, slower, '--noise-threshold', 'x'], /a number of per cent/],
    [() => [before, slower, '--noise-treshold', '1'], /did you mean --noise-threshold/i],
  ])('%#', async (args, message) => {
    const run = await compare(...args())
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr).toMatch(message)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})

test('a file that can not be written exits with 1', async () => {
  const run = await compare(before, slower, '--json', join(folder, 'no', 'such.json'))
  expect(run.code).toBe(1)
  expect(run.stderr).toMatch(/^error: .*such\.json can't be written: no such file or directory\n$/)
})
