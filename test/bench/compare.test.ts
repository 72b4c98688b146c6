/** The command `npm run bench:compare` as its user sees it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchDocument } from '../../bench/document/document.ts'
import { runProgram, runUnread } from './command.ts'
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

function runOf(factor: number): BenchDocument {
  const costs = [5, 5.02, 4.98, 5.01, 4.99]
  const rounds = costs.map((cost) => measured({ cpuPerMessage: cost * factor }))
  return documentOf([cellOf('poll-loop', rounds)])
}

async function save(name: string, document: BenchDocument): Promise<string> {
  const file = join(folder, `${name}.json`)
  await writeFile(file, JSON.stringify(document))
  return file
}

const compare = (...args: string[]) => runProgram('bench/compare.ts', args)

test('says which is which, shows the table, and exits with 0', async () => {
  const run = await compare(before, slower)
  expect(run).toMatchObject({ code: 0, stderr: '' })
  expect(run.stdout).toContain(`A: ${before}, 2026-01-02 03:04 UTC, rounds: 5\nB: ${slower}, `)
  expect(run.stdout).toMatch(/^poll-loop +libc poll +5\.00 +6\.50 +1\.30 .* slower$/m)
  expect(run.stdout).toMatch(/\n1 cell: 1 slower \(noise threshold 5 %\); 1 regression\n$/)
})

describe('--fail-on-regression', () => {
  test('exits with 1 if there is one', async () => {
    const run = await compare(before, slower, '--fail-on-regression')
    expect(run).toMatchObject({ code: 1, stderr: '' })
    expect(run.stdout).toMatch(/^regression: poll-loop libc poll \(.*\): slower$/m)
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

test('--json: all that was found, in a file beside the table, or alone on stdout', async () => {
  const file = join(folder, 'comparison.json')
  const [beside, alone] = await Promise.all([
    compare(before, slower, '--json', file),
    compare(before, slower, '--json', '-'),
  ])
  const found = JSON.parse(alone.stdout)
  expect(found).toMatchObject({
    ...{ a: before, b: slower, noiseThreshold: 5, onlyInA: [], onlyInB: [] },
    cells: [{ model: 'poll-loop', verdict: 'slower', regressions: ['slower'] }],
  })
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(found)
  expect(beside.stdout).toContain('1 regression')
})

test('another machine or another load: refused with a line for each difference', async () => {
  const document = runOf(1)
  const other = await save('other', {
    ...document,
    machine: { ...document.machine, cores: 64 },
    parameters: { ...document.parameters, duration: 9, rounds: 2, seed: 2 },
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
