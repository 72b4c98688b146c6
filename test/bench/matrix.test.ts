/** The page, the headers of the bare servers and models.ts say the same as docs/semantics.json. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type MatrixDocument, type MatrixRow, merged } from '../../bench/matrix/document.ts'
import { withTables } from '../../bench/matrix/page.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { describeWait, findModel, MODELS } from '../../servers/models.ts'

const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const document: MatrixDocument = JSON.parse(read('docs/semantics.json'))
const rowsOf = (kind: MatrixRow['kind']) => document.rows.filter((row) => row.kind === kind)

/** The numbers of the promises with this verdict. */
function promises({ promises }: MatrixRow, verdict: string): number[] {
  return promises.filter((cell) => cell.verdict === verdict).map(({ promise }) => promise)
}

// `npm run matrix` makes the document, in about 20 minutes.
describe('docs/semantics.json', () => {
  test('the page is made of the JSON', () => {
    const page = read('docs/semantics.md')
    expect(withTables(page, document)).toBe(page)
  })

  test('there is a row for each model and way to wait, and for each bare server', () => {
    const models = MODELS.flatMap(({ id, waits }) =>
      waits.map((wait) => `${id}, ${describeWait(wait)}`),
    )
    expect(rowsOf('model').map(({ name, wait }) => `${name}, ${wait}`)).toEqual(models)
    const bare = MODELS.map(({ folder }) => `${folder}/bare.ts`)
    expect(rowsOf('bare').map(({ name }) => name)).toEqual(bare)
  })

  test.each(rowsOf('model'))(
    '$name, $wait keeps all, but for the exceptions of models.ts',
    (row) => {
      const { exceptions, places } = findModel(row.name)!
      const known = [...Object.values(exceptions), places?.reason]
      expect(promises(row, 'broken')).toEqual([])
      for (const { untold } of row.promises) {
        for (const reason of untold) expect(known).toContain(reason)
      }
    },
  )

  test.each(rowsOf('bare'))('the header of $name says which promises it leaves out', (row) => {
    const said = /^ \* What it leaves out: +promises (.+)\.$/m.exec(
      read(`servers/${row.name}`),
    )?.[1]
    expect(said).toBe(listed(promises(row, 'broken')))
  })
})

/** `1, 3 and 5`. */
function listed(numbers: readonly number[]): string {
  return [numbers.slice(0, -1).join(', '), numbers.at(-1)].filter(Boolean).join(' and ')
}

describe('merged', () => {
  const row = (name: string, kind: MatrixRow['kind'], verdict: 'kept' | 'broken'): MatrixRow => ({
    kind,
    name,
    wait: '',
    promises: [{ promise: 1, verdict, cases: 1, broken: [], untold: [] }],
  })

  test('a row that was made anew takes the place of the old one', () => {
    const old = [row('a', 'model', 'broken'), row('b', 'model', 'kept')]
    expect(merged(old, [row('a', 'model', 'kept')])).toEqual([
      row('a', 'model', 'kept'),
      row('b', 'model', 'kept'),
    ])
  })

  test('a new row comes last of its kind', () => {
    const old = [row('a', 'model', 'kept'), row('z', 'original', 'kept')]
    const names = merged(old, [row('b', 'model', 'kept')]).map(({ name }) => name)
    expect(names).toEqual(['a', 'b', 'z'])
  })
})
