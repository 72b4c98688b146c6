import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  addBaselineFlags,
  type BaselineFlags,
  checkBaseline,
  compareWithBaseline,
} from '../../bench/compare/baseline.ts'
import type { BenchDocument } from '../../bench/document/document.ts'
import { UsageError } from '../../servers/command/cli.ts'
import { cellOf, documentOf, measured, type Round } from './documents.ts'

const NOTHING: BaselineFlags = { noiseThreshold: 5 }
const RUN = runOf({}, 6)
const SLOWER = runOf({ cpuPerMessage: 9 }, 6)

function runOf(round: Round, rounds: number): BenchDocument {
  const outcomes = Array.from({ length: rounds }, () => measured(round))
  return documentOf([cellOf('poll-loop', outcomes)])
}

let root: string
let folder: string
let stdout: string
let stderr: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'echo-baseline-test-'))
  folder = join(root, 'results', 'baselines')
  stdout = ''
  stderr = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += text
    return true
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(root, { recursive: true })
})

/** What a run with these flags does before and after it has measured. */
async function bench(document: typeof RUN, flags: Parameters<typeof compareWithBaseline>[2]) {
  const baseline = await checkBaseline(flags, document, folder)
  return compareWithBaseline(document, baseline, flags, folder)
}

test('a baseline that can not be written is one line, and exit code 1', async () => {
  // Not even root can make a folder in a file.
  const flags = { ...NOTHING, saveBaseline: 'mine' }
  expect(await compareWithBaseline(RUN, undefined, flags, '/dev/null/baselines')).toBe(1)
  expect(stderr).toBe('error: baseline mine is not saved: not a directory\n')
})

describe('the flags', () => {
  const parse = (...args: string[]) => {
    const command = addBaselineFlags(new Command())
      .exitOverride()
      .configureOutput({
        writeErr: () => {},
      })
    return command.parse(args, { from: 'user' }).opts<BaselineFlags>()
  }

  test('a name is optional, and default without', () => {
    expect(parse()).toEqual({ noiseThreshold: 5 })
    expect(parse('--save-baseline', '--baseline', 'v1.2_b-c', '--noise-threshold', '2.5')).toEqual({
      ...{ saveBaseline: 'default', baseline: 'v1.2_b-c', noiseThreshold: 2.5 },
    })
  })

  test.each(['../x', '.hidden', 'a/b', 'a\\b', '', 'a b', 'x'.repeat(65)])(
    '%j is no name',
    (name) => {
      expect(() => parse('--save-baseline', name)).toThrow(/letters, digits/)
    },
  )
})

test('without the flags nothing is read, said or saved', async () => {
  expect(await bench(RUN, NOTHING)).toBe(0)
  expect({ stdout, stderr, files: await readdir(root) }).toEqual({
    ...{ stdout: '', stderr: '', files: [] },
  })
})

test('a run is put aside under its name, and later ones are compared with it', async () => {
  expect(await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })).toBe(0)
  expect(stderr).toBe('saved as baseline mine\n')
  expect(JSON.parse(await readFile(join(folder, 'mine.json'), 'utf8'))).toEqual(RUN)

  expect(await bench(SLOWER, { ...NOTHING, baseline: 'mine' })).toBe(0)
  expect(stdout).toContain('A: baseline mine, 2026-01-02 03:04 UTC, rounds: 6\nB: this run, ')
  expect(stdout).toMatch(/; 1 regression\n$/)
  const strict = { ...NOTHING, baseline: 'mine', failOnRegression: true }
  expect(await bench(SLOWER, strict)).toBe(1)
  expect(await bench(SLOWER, { ...strict, noiseThreshold: 90 })).toBe(0)
})

test('a report that has stdout keeps it for itself', async () => {
  await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })
  await bench(RUN, { ...NOTHING, baseline: 'mine', csv: '-' })
  expect(stdout).toBe('')
  expect(stderr).toContain('1 cell compared: 1 ≈')
})

test('compared with the old, then saved in its place', async () => {
  const both = { ...NOTHING, saveBaseline: 'mine', baseline: 'mine' }
  await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })
  await bench(SLOWER, both)
  expect(stdout).toContain('1 regression\n')
  expect(JSON.parse(await readFile(join(folder, 'mine.json'), 'utf8'))).toEqual(SLOWER)
  expect(await readdir(folder)).toEqual(['mine.json'])
})

test('a run that was interrupted, or that fails the comparison, is not put aside', async () => {
  await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })
  await bench({ ...RUN, interrupted: true }, { ...NOTHING, saveBaseline: 'mine' })
  expect(stderr).toContain('baseline mine is not saved: the run was interrupted\n')
  const strict = { ...NOTHING, baseline: 'mine', saveBaseline: 'mine', failOnRegression: true }
  expect(await bench(SLOWER, strict)).toBe(1)
  expect(stderr).toContain('baseline mine is not saved: the run has a regression\n')
  expect(JSON.parse(await readFile(join(folder, 'mine.json'), 'utf8'))).toEqual(RUN)
})

test('a run that has no cell of the baseline fails, and is not saved in its place', async () => {
  await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })
  const other = documentOf([cellOf('asyncore', [measured({})])])
  expect(await bench(other, { ...NOTHING, baseline: 'mine', saveBaseline: 'mine' })).toBe(1)
  const why = '0 cells compared: none has figures in both A, baseline mine, and B, this run\n'
  expect(stdout).toBe('')
  expect(stderr).toContain(`\nerror: ${why}baseline mine is not saved: ${why}`)
})

describe('before anything is measured it is refused', () => {
  const check = (flags: Partial<BaselineFlags>, conditions = RUN) =>
    checkBaseline({ ...NOTHING, ...flags }, conditions, folder)

  test('that there is no such baseline: those that there are, and how to make it', async () => {
    await expect(check({ baseline: 'x' })).rejects.toThrow(
      'no baseline x (there is none yet): npm run bench -- --save-baseline x makes it',
    )
    await bench(RUN, { ...NOTHING, saveBaseline: 'b' })
    await bench(RUN, { ...NOTHING, saveBaseline: 'a' })
    await expect(check({ baseline: 'x' })).rejects.toThrow('no baseline x (there are: a, b): ')
    await expect(check({ baseline: 'x' })).rejects.toThrow(UsageError)
  })

  test('that it is from another machine, or of other loads', async () => {
    await bench(RUN, { ...NOTHING, saveBaseline: 'mine' })
    const other = { ...RUN, machine: { ...RUN.machine, cores: 64 } }
    await expect(check({ baseline: 'mine' }, other)).rejects.toThrow(
      "A, baseline mine, and B, this run, can't be compared:\n  machine, cores: 2 in A, 64 in B",
    )
  })

  test.each([
    ['A, baseline mine, has 5', 5, 6],
    ['B, this run, has 3', 6, 3],
  ])('--fail-on-regression with fewer than 6 rounds: %s', async (has, before, now) => {
    await bench(runOf({}, before), { ...NOTHING, saveBaseline: 'mine' })
    const flags = { baseline: 'mine', failOnRegression: true }
    const refusal = new UsageError(`--fail-on-regression is for 6 rounds or more: ${has}`)
    await expect(check(flags, runOf({}, now))).rejects.toThrow(refusal)
    await expect(check({ baseline: 'mine' }, runOf({}, now))).resolves.toBeDefined()
  })

  test('--fail-on-regression without a baseline', async () => {
    await expect(check({ failOnRegression: true })).rejects.toThrow(UsageError)
  })
})
