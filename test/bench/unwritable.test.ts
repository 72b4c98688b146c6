/** A run that is finished is not lost because something can't be written. */
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { renderCsv } from '../../bench/report/csv.ts'
import { keepLatest, writeReports } from '../../bench/report/reports.ts'
import { runProgram } from './command.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const RUN = documentOf([cellOf('poll-loop', [measured({})])])
const SHORT = [
  ...['--models', 'async-await', '--connections', '1', '--duration', '0.1', '--warmup', '0.05'],
  ...['--no-pin', '--rounds', '1', '--no-save'],
]
const FULL = '/dev/full'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-unwritable-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

/** A run whose temporary files come into the folder of these tests. */
function bench(args: readonly string[], stdoutTo?: string) {
  const env = { ...process.env, TMPDIR: folder }
  return runProgram('bench/main.ts', [...SHORT, ...args], { env, ...(stdoutTo && { stdoutTo }) })
}

/** The run that a line says is kept. */
async function kept(stderr: string): Promise<unknown> {
  const [, file = ''] = /^the run is kept in (.*\.json)$/m.exec(stderr) ?? []
  expect(file.startsWith(folder), stderr).toBe(true)
  return JSON.parse(await readFile(file, 'utf8'))
}

describe('npm run bench', () => {
  test.each([
    ['--json', 'a folder', () => folder, 'illegal operation on a directory'],
    ['--html', 'a folder', () => folder, 'illegal operation on a directory'],
    ['--json', 'a full disk', () => FULL, 'no space left on device'],
  ])('%s into %s: the tables, the run in a temporary file, exit 1', async (flag, _, to, why) => {
    if (to() === FULL && !existsSync(FULL)) return
    const run = await bench([flag, to()])
    expect(run.stdout).toMatch(/^async-await +node +[\d ]+/m)
    expect(run.stderr).toContain(`error: ${flag} ${to()} can't be written: ${why}\n`)
    expect(run.stderr).not.toContain('    at ')
    expect(run.code).toBe(1)
    expect(await kept(run.stderr)).toMatchObject({ schemaVersion: 3, interrupted: false })
  })

  test.skipIf(!existsSync(FULL)).each([[[]], [['--json', '-']]])(
    'stdout on a full disk: the run in a temporary file, exit 1: %j',
    async (flags) => {
      const { code, stderr } = await bench(flags, FULL)
      expect(stderr).toMatch(/^error: stdout can't be written: no space left on device$/m)
      expect(stderr.match(/^error: /gm)).toHaveLength(1)
      expect(stderr).not.toContain('    at ')
      expect(code).toBe(1)
      expect(await kept(stderr)).toMatchObject({ schemaVersion: 3 })
    },
  )
})

describe('reports', () => {
  let stdout = ''
  let stderr = ''

  function watch(): void {
    stdout = stderr = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text, ...more) => {
      stdout += text
      const done = more.at(-1)
      if (typeof done === 'function') done()
      return true
    })
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      stderr += text
      return true
    })
  }

  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
  })

  test('one that can not be written costs no other one', async () => {
    watch()
    const csv = join(folder, 'run.csv')
    expect(await writeReports(RUN, { json: folder, csv, html: folder })).toBe(false)
    expect(await readFile(csv, 'utf8')).toBe(renderCsv(RUN))
    expect(stdout).toMatch(/^poll-loop /m)
    expect(stderr).toBe(
      `error: --json ${folder} can't be written: illegal operation on a directory\n` +
        `error: --html ${folder} can't be written: illegal operation on a directory\n`,
    )
  })

  test('the latest run goes to a temporary folder if its own can not be written', async () => {
    watch()
    vi.stubEnv('TMPDIR', folder)
    const file = await keepLatest(RUN, '/dev/null/results')
    expect(stderr).toBe("warning: /dev/null/results can't be written: not a directory\n")
    expect(file?.startsWith(folder)).toBe(true)
    expect(JSON.parse(await readFile(file!, 'utf8'))).toEqual(RUN)
    expect(await readdir(join(file!, '..'))).toEqual(['latest.html', 'latest.json'])
  })

  test('if that can not be written either, a line says so', async () => {
    watch()
    vi.stubEnv('TMPDIR', '/dev/null')
    expect(await keepLatest(RUN, '/dev/null/results')).toBeUndefined()
    expect(stderr.split('\n')).toEqual([
      expect.stringMatching(/^warning: .* can't be written: not a directory$/),
      expect.stringMatching(/^error: the run is not kept: \/dev\/null can't be written: .*$/),
      '',
    ])
  })
})
