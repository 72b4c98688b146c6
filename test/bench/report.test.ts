/** The command `npm run bench:report` as its user sees it. */
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { renderCsv } from '../../bench/report/csv.ts'
import { markdownResults, renderMarkdown } from '../../bench/report/markdown.ts'
import { END, START, withResults } from '../../bench/report/page.ts'
import { UsageError } from '../../servers/command/cli.ts'
import { runProgram, runUnread } from './command.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const ROUNDS = [5, 5.1, 4.9].map((cpuPerMessage) => measured({ cpuPerMessage }))
const RUN = documentOf([
  cellOf('poll-loop', ROUNDS),
  cellOf('threads', [{ kind: 'left out', reason: 'It has 512 places.' }]),
  cellOf('asyncore', [{ kind: 'failed', reason: 'the run is void' }]),
])

let folder: string
let saved: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-report-test-'))
  saved = await write('result.json', JSON.stringify(RUN))
})

afterAll(() => rm(folder, { recursive: true }))

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

const report = (...args: string[]) => runProgram('bench/report.ts', args)

test('the tables go to stdout, and with --explain what their columns mean', async () => {
  const run = await report(saved, '--explain')
  expect(run).toMatchObject({ code: 0, stderr: '' })
  expect(run.stdout).toMatch(/^100 connections: raw, 64 bytes, 1 s, medians of 3 rounds$/m)
  expect(run.stdout).toMatch(/^poll-loop +libc poll +1 000 /m)
  expect(run.stdout).toContain('left out: threads: It has 512 places.')
  expect(run.stdout).toMatch(/^messages\/s +verified replies/m)
})

describe('a report', () => {
  test.each([
    ['--csv', renderCsv],
    ['--markdown', renderMarkdown],
  ])('%s - is alone on stdout', async (flag, render) => {
    expect(await report(saved, flag, '-')).toEqual({ code: 0, stdout: render(RUN), stderr: '' })
  })

  test('goes to its file, with the tables on stdout', async () => {
    const [csv, html] = ['out.csv', 'out.html'].map((name) => join(folder, name))
    const run = await report(saved, '--csv', csv!, '--html', html!)
    expect(run.stdout).toMatch(/^poll-loop +libc poll/m)
    expect(await readFile(csv!, 'utf8')).toBe(renderCsv(RUN))
    expect(await readFile(html!, 'utf8')).toContain('poll-loop')
  })

  test('that nobody reads to its end does no harm', async () => {
    expect(await runUnread('bench/report.ts', [saved, '--csv', '-'])).toEqual({
      ...{ code: 0, stderr: '' },
    })
  })
})

describe('--docs', () => {
  test('replaces what stands between its lines, and keeps the mode and the link', async () => {
    const old = `# Page\r\n\r\n${START}\n\nold\n\n${END}\n\nafter, ${START}\n`
    const file = await write('page.md', old)
    await chmod(file, 0o640)
    const link = join(folder, 'link.md')
    await symlink(file, link)
    const run = await report(saved, '--docs', link)
    expect(run).toMatchObject({ code: 0, stderr: '' })
    expect(await readFile(file, 'utf8')).toBe(
      `# Page\r\n\r\n${START}\n\n${markdownResults(RUN, 3)}\n\n${END}\n\nafter, ${START}\n`,
    )
    expect((await stat(file)).mode & 0o777).toBe(0o640)
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  test.each([
    ['no line', 'text\n', `the line ${START} is missing`],
    ['only the first', `${START}\n`, `the line ${END} is missing`],
    ['not on lines of their own', `a ${START}\n${END}\n`, `the line ${START} is missing`],
    ['one twice', `${START}\n${START}\n${END}\n`, `the line ${START} is there twice`],
    ['the wrong order', `${END}\n${START}\n`, `the line ${END} comes before ${START}`],
  ])('refuses a page with %s', (_, page, message) => {
    const made = () => withResults(Buffer.from(page), 'new', 'page.md')
    expect(made).toThrow(new UsageError(`page.md: ${message}`))
  })

  test('leaves a page alone that it refuses', async () => {
    const file = await write('other.md', '# Page\n')
    const stderr = `error: ${file}: the line ${START} is missing\n`
    expect(await report(saved, '--docs', file)).toEqual({ code: 2, stdout: '', stderr })
    expect(await readFile(file, 'utf8')).toBe('# Page\n')
  })

  test('refuses a page that is not there', async () => {
    const file = join(folder, 'none.md')
    const stderr = `error: ${file} can't be read: no such file or directory\n`
    expect(await report(saved, '--docs', file)).toEqual({ code: 2, stdout: '', stderr })
  })

  test('all bytes outside of its lines stay, whatever they are; twice is as good as once', () => {
    const bytes = fc.uint8Array()
    fc.assert(
      fc.property(bytes, bytes, bytes, fc.constantFrom('\n', '\r\n'), (a, b, c, end) => {
        const [head, tail] = [Buffer.from(`\n${START}${end}`), Buffer.from(`\n${END}${end}`)]
        const page = Buffer.concat([a, head, b, tail, c])
        const made = withResults(page, 'new', 'page.md')
        const between = Buffer.from(`\nnew\n\n${END}${end}`)
        expect(made.equals(Buffer.concat([a, head, between, c]))).toBe(true)
        expect(withResults(made, 'new', 'page.md').equals(made)).toBe(true)
      }),
    )
  })
})

test('a file that is no saved run: exit 2, and why in a line', async () => {
  const file = await write('cut.json', JSON.stringify(RUN).slice(0, -9))
  const stderr = `error: ${file} is no JSON, or not all of it\n`
  expect(await report(file)).toEqual({ code: 2, stdout: '', stderr })
})

test('two reports can not both have stdout', async () => {
  const run = await report(saved, '--csv', '-', '--markdown', '-')
  expect(run).toMatchObject({ code: 2, stdout: '' })
  expect(run.stderr).toBe('error: stdout has room for one report: only one flag can have -\n')
})

test('a report that can not be written: 2 if that was to be seen before, else 1', async () => {
  const nowhere = await report(saved, '--csv', join(folder, 'no', 'such.csv'))
  expect(nowhere).toMatchObject({ code: 2, stdout: '' })
  expect(nowhere.stderr).toMatch(/^error: --csv .*such\.csv: the folder can't be written to\n$/)
  const onFolder = await report(saved, '--csv', folder)
  expect(onFolder.code).toBe(1)
  expect(onFolder.stdout).toMatch(/^poll-loop +libc poll/m)
  expect(onFolder.stderr).toBe(
    `error: --csv ${folder} can't be written: illegal operation on a directory\n`,
  )
})
