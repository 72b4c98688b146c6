/** The board: what stands in its cells, and what its address and its marks mean. */
import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Known, parseAddress } from '../../docs/build/side-by-side/address.ts'
import { boardOf, ROW_IDS } from '../../docs/build/side-by-side/board.ts'
import type { Cell } from '../../docs/build/side-by-side/cells.ts'
import { differences, type Span } from '../../docs/build/side-by-side/differences.ts'
import { parseHeader } from '../../docs/build/side-by-side/questions.ts'
import { ROOT } from '../../servers/boot/root.mjs'
import { MODELS } from '../../servers/models.ts'
import { ROLES, TAKEN_BY_OTHERS } from '../../servers/roles.ts'

const board = boardOf(MODELS)
const linesOf = (path: string) => readFileSync(new URL(path, ROOT), 'utf8').split('\n')

function quotesOf(cell: Cell) {
  return 'quotes' in cell ? cell.quotes : []
}

/** What a reader would miss in a cell. */
function problemsOf(cell: Cell): string[] {
  const missing = (what: string, isThere: boolean) => (isThere ? [] : [what])
  switch (cell.kind) {
    case 'code':
      return missing('code', quotesOf(cell).length > 0)
    case 'explained':
      return [
        ...missing('a sentence', /\w.*\.$/.test(cell.text)),
        ...missing('its place', !cell.place || existsSync(new URL(cell.place.source, ROOT))),
        ...missing('its line', !cell.place || cell.place.line <= linesOf(cell.place.source).length),
      ]
    case 'facts':
      return cell.facts.flatMap(({ label, text }) => missing(label, label !== '' && text !== ''))
    case 'text':
      return missing('text', cell.markdown.length > 100)
    case 'timeline':
      return missing(
        'lanes',
        cell.timeline.lanes.some(({ spans }) => spans.length > 0),
      )
  }
}

describe.each(board)('the row $id', ({ id, title, about, cells }) => {
  test.each(MODELS.map((model, i) => [model.id, cells[i]!] as const))(
    'has for %s something to show, or says why not',
    (_, cell) => {
      expect(problemsOf(cell)).toEqual([])
    },
  )

  test('has a title, says what it shows, and answers alike for all models', () => {
    expect(cells).toHaveLength(MODELS.length)
    expect([id, title, about]).not.toContain('')
    const labels = cells.map((cell) =>
      cell.kind === 'facts' ? cell.facts.map((f) => f.label) : [],
    )
    expect(new Set(labels.map((list) => list.join()).filter(Boolean)).size).toBeLessThan(2)
  })

  test('shows lines as they stand in their files, by their numbers, and no marks', () => {
    for (const { source, pieces } of cells.flatMap(quotesOf)) {
      const file = linesOf(source)
      for (const { firstLine, lines } of pieces) {
        const inFile = file.slice(firstLine - 1, firstLine - 1 + lines.length)
        expect(lines.map((line) => line.trimStart())).toEqual(
          inFile.map((line) => line.trimStart()),
        )
        expect(lines.filter((line) => /#(end)?region/.test(line))).toEqual([])
        expect(lines.some((line) => /^\S/.test(line))).toBe(true)
      }
    }
  })
})

test('the rows come in the order of the lesson', () => {
  expect(ROW_IDS.filter((id) => !id.startsWith('scene-'))).toEqual([
    ...['questions', 'bare', ...ROLES],
    ...['promises', 'costs', 'breaks'],
  ])
  expect(ROW_IDS.indexOf('costs')).toBeGreaterThan(
    ROW_IDS.findLastIndex((id) => /^scene-/.test(id)),
  )
})

describe.each(ROLES)('the role %s', (role) => {
  const { cells } = board.find(({ id }) => id === role)!

  test.each(MODELS.map((model, i) => [model.id, model, cells[i]!] as const))(
    'shows the code of %s, echo.ts first, or what does it instead',
    (_, { id, folder }, cell) => {
      const isElsewhere = TAKEN_BY_OTHERS[id]?.[role] !== undefined
      expect(cell.kind).toBe(isElsewhere ? 'explained' : 'code')
      if (isElsewhere) return
      const sources = quotesOf(cell).map(({ source }) => source)
      const echo = `servers/${folder}/echo.ts`
      expect(sources.every((source) => source.startsWith(`servers/${folder}/`))).toBe(true)
      expect(sources.includes(echo)).toBe(sources[0] === echo)
    },
  )
})

test('the whole of bare.ts is shown', () => {
  const { cells } = board.find(({ id }) => id === 'bare')!
  cells.forEach((cell, i) => {
    const [quote] = quotesOf(cell)
    const shown = quote!.pieces.flatMap(({ lines }) => lines).join('\n')
    expect(`${shown}\n`).toBe(linesOf(`servers/${MODELS[i]!.folder}/bare.ts`).join('\n'))
  })
})

test('the head of a file: its summary without the name, and answers that go on', () => {
  const { summary, answers } = parseHeader(`/**
 * poll-loop, bare: a loop
 * of two lines.
 *
 * Where does it wait?                   In \`wait\`,
 *                                       and nowhere else.
 * Who calls whom?                       The loop calls.
 *
 * More, which is no answer.
 */
/** Where does it wait? Not here. */
`)
  expect(summary).toBe('a loop of two lines.')
  expect([...answers]).toEqual([
    ['Where does it wait?', 'In `wait`, and nowhere else.'],
    ['Who calls whom?', 'The loop calls.'],
  ])
})

describe('the address', () => {
  const known: Known = { models: MODELS, rows: ROW_IDS }

  test.each([
    ['', [], undefined],
    ['#03-poll-loop,09-async-await', ['03-poll-loop', '09-async-await'], undefined],
    ['#async-await,poll-loop,threads', ['09-async-await', '03-poll-loop', '02-threads'], undefined],
    ['#threads/reply', ['02-threads'], 'reply'],
    ['#threads%2Creactor', ['02-threads', '06-reactor'], undefined],
    ['#threads,02-threads', ['02-threads'], undefined],
    ['#reply', [], 'reply'],
  ])('%s', (hash, models, row) => {
    expect(parseAddress(hash, known)).toEqual({ models, row, complaints: [] })
  })

  test.each([
    ['#pol-loop', [], 'There is no model “pol-loop”. Did you mean poll-loop?'],
    ['#threads,09-asinc-await', ['02-threads'], 'Did you mean 09-async-await?'],
    ['#threads/repli', ['02-threads'], 'There is no row “repli”. Did you mean reply?'],
    [
      '#threads,reactor,cluster,completion',
      ['02-threads', '06-reactor', '10-cluster'],
      'At most 3',
    ],
    ['#%E0%A4%A', [], 'There is no model'],
  ])('%s is answered by a sentence', (hash, models, complaint) => {
    const address = parseAddress(hash, known)
    expect(address.models).toEqual(models)
    expect(address.row).toBeUndefined()
    expect(address.complaints.join()).toContain(complaint)
  })

  test('no name of a row is also that of a model', () => {
    const names = MODELS.flatMap(({ id, folder }) => [id, folder])
    expect(ROW_IDS.filter((id) => names.includes(id))).toEqual([])
  })
})

describe('differences', () => {
  const texts = (text: string, spans: readonly Span[]) =>
    spans.map(({ from, to }) => text.slice(from, to))

  test.each([
    ['a word of a line', 'a()\nsend(fd, bytes)', 'a()\nsend(fd, chunk)', ['bytes'], ['chunk']],
    ['a line more', 'a()\nb()', 'a()\nc()\nb()', [], ['c()']],
    ['not the indentation', '  a()\n  b()', 'a()\n    b()', [], []],
    [
      'whole lines that have nothing in common',
      'x = 1',
      'await read()',
      ['x = 1'],
      ['await read()'],
    ],
    ['words beside each other as one', 'f(a b, z)', 'f(c d, z)', ['a b'], ['c d']],
  ])('%s', (_, left, right, inLeft, inRight) => {
    const found = differences(left, right)
    expect(texts(left, found.left)).toEqual(inLeft)
    expect(texts(right, found.right)).toEqual(inRight)
  })

  test('what is not marked is the same on both sides', () => {
    const word = fc.constantFrom('a', 'b()', 'await ', ' ', 'x.y', '(', '  ')
    const text = fc
      .array(
        fc.array(word, { maxLength: 6 }).map((words) => words.join('')),
        { maxLength: 8 },
      )
      .map((lines) => lines.join('\n'))
    const rest = (whole: string, spans: readonly Span[]) =>
      [...whole]
        .filter((_, i) => !spans.some(({ from, to }) => from <= i && i < to))
        .join('')
        .replace(/\s/g, '')
    fc.assert(
      fc.property(text, text, (left, right) => {
        const found = differences(left, right)
        expect(rest(left, found.left)).toBe(rest(right, found.right))
        expect(differences(left, left)).toEqual({ left: [], right: [] })
      }),
    )
  })
})
