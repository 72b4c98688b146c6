import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDocument, replaceFile } from '../../bench/document/saved.ts'
import { UsageError } from '../../servers/command/cli.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const RUN = documentOf([
  cellOf('poll-loop', [measured({}), measured({ result: { latency: null, server: null } })]),
  cellOf('threads', [{ kind: 'left out', reason: 'It has 512 places.' }]),
  cellOf('asyncore', [{ kind: 'failed', reason: 'the run is void' }]),
])

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'echo-saved-test-'))
})

afterAll(() => rm(folder, { recursive: true }))

async function write(text: string): Promise<string> {
  const file = join(folder, 'run.json')
  await writeFile(file, text)
  return file
}

test.each([
  ['', RUN],
  [', unpinned', { ...RUN, parameters: { ...RUN.parameters, pinned: null } }],
])('what was saved is read%s', async (_, document) => {
  expect(await readDocument(await write(JSON.stringify(document)))).toEqual(document)
})

describe('what is no saved run is refused in a line', () => {
  const [cell] = RUN.cells
  const withRounds = (rounds: unknown) => ({ ...RUN, cells: [{ ...cell, rounds }] })

  test.each<[string, unknown, string]>([
    ['of something else', { name: 'x' }, ' was not saved by npm run bench'],
    ['of nothing', null, ' was not saved by npm run bench'],
    [
      'of another version',
      { ...RUN, schemaVersion: 1 },
      ' has the schemaVersion 1; only 3 can be read: measure again',
    ],
    ['without its machine', { ...RUN, machine: undefined }, ' is damaged: machine is no object'],
    ['whose cells are no list', { ...RUN, cells: {} }, ' is damaged: cells is no list'],
    [
      'with half a core',
      { ...RUN, parameters: { ...RUN.parameters, pinned: { server: 0 } } },
      ' is damaged: parameters.pinned.client is no number',
    ],
    [
      'with a round of no kind',
      withRounds([{ kind: 'other' }]),
      ' is damaged: cells[0].rounds[0].kind is unknown',
    ],
    [
      'with a failure without a reason',
      withRounds([measured({}), { kind: 'failed' }]),
      ' is damaged: cells[0].rounds[1].reason is no string',
    ],
    [
      'with a result without figures',
      withRounds([{ kind: 'measured', result: {} }]),
      ' is damaged: cells[0].rounds[0].result.connected is no number',
    ],
  ])('%s', async (_, value, message) => {
    const file = await write(JSON.stringify(value))
    await expect(readDocument(file)).rejects.toThrow(new UsageError(file + message))
  })

  test.each(['', '{', JSON.stringify(RUN).slice(0, -1), 'text\nof two lines'])(
    'broken JSON %#',
    async (text) => {
      const file = await write(text)
      const error = new UsageError(`${file} is no JSON, or not all of it`)
      await expect(readDocument(file)).rejects.toThrow(error)
    },
  )

  test('a folder, and no file at all', async () => {
    await expect(readDocument(folder)).rejects.toThrow(`${folder} can't be read: illegal operation`)
    const none = new UsageError("/no/such.json can't be read: no such file or directory")
    await expect(readDocument('/no/such.json')).rejects.toThrow(none)
  })
})

describe('a file is replaced', () => {
  test('or made', async () => {
    const file = join(folder, 'new.txt')
    await replaceFile(file, 'one')
    await replaceFile(file, Buffer.from('two'))
    expect(await readFile(file, 'utf8')).toBe('two')
  })

  test('or nothing is changed, and nothing left behind', async () => {
    const before = await readdir(folder)
    // A file can't take the place of a folder: this fails at the last step.
    await expect(replaceFile(folder, 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    await expect(replaceFile(join(folder, 'no', 'file'), 'text')).rejects.toThrow('ENOENT')
    expect(await readdir(folder)).toEqual(before)
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('echo-saved-test'))).toEqual(
      expect.not.arrayContaining([expect.stringMatching(/\.tmp$/)]),
    )
  })
})
