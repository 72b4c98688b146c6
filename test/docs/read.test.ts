/** `npm run read`: nothing of a text is lost in its columns, and what the command answers. */
import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openHighlighter } from '../../docs/build/code.ts'
import { NARROWEST, rowLines } from '../../docs/build/read/columns.ts'
import { cut, paint } from '../../docs/build/read/lines.ts'
import { paragraphs } from '../../docs/build/read/prose.ts'
import { boardOf, ROW_IDS } from '../../docs/build/side-by-side/board.ts'
import type { Row } from '../../docs/build/side-by-side/cells.ts'
import { textOf } from '../../docs/build/sources.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import { findModel, MODELS } from '../../servers/models.ts'

const noTokens = () => undefined
const withoutBlanks = (text: string) => text.replace(/\s/g, '')

test('the parts of a text are no longer than there is room, and joined they are the text', () => {
  const code = fc.array(fc.constantFrom('a', 'if (', ' ', '  ', 'waiting', '.', '…', '🧵'))
  const room = fc.integer({ min: 2, max: 40 })
  fc.assert(
    fc.property(code, room, room, (words, first, rest) => {
      const text = words.join('')
      const parts = cut(text, first, rest)
      expect(parts.join('')).toBe(text)
      expect(parts[0]!.length).toBeLessThanOrEqual(first)
      expect(parts.slice(1).every((part) => part.length <= rest && part !== '')).toBe(true)
      expect(parts.every((part) => part.isWellFormed())).toBe(true)
    }),
  )
})

/** The text of each column, without numbers of lines and marks of continuation. */
function columnsOf(row: Row, width: number): string[] {
  const { length } = row.cells
  const lines = rowLines(row, Array(length).fill('name'), width, noTokens)
  const texts = lines.map((line) => paint(line, false))
  expect(texts.filter((text) => text.length > width)).toEqual([])
  const room = Math.floor((width - 3 * (length - 1)) / length)
  const starts = room < NARROWEST ? [0] : row.cells.map((_, i) => i * (room + 3))
  return starts.map((start) => {
    const parts = texts.map((text) => text.slice(start, starts.length > 1 ? start + room : width))
    return withoutBlanks(parts.map((part) => part.replace(/^ *(\d+|↳) /, '')).join(''))
  })
}

describe.each([80, 120, 60])('%d columns wide', (width) => {
  test.each(MODELS.map((model, i) => [model.id, i] as const))('all code of %s is there', (_, i) => {
    const models = [MODELS[i]!, MODELS[(i + 1) % MODELS.length]!, MODELS[(i + 2) % MODELS.length]!]
    for (const count of [1, 2, 3]) {
      for (const row of boardOf(models.slice(0, count))) {
        const columns = columnsOf(row, width)
        row.cells.forEach((cell, column) => {
          const quotes = 'quotes' in cell ? cell.quotes : []
          for (const { pieces } of quotes) {
            const code = withoutBlanks(pieces.flatMap(({ lines }) => lines).join(''))
            expect(columns[column] ?? columns[0]).toContain(code)
          }
        })
      }
    }
  })
})

test('colours change no character', async () => {
  const highlighter = await openHighlighter()
  const tokensOf = (source: string) => highlighter.tokens(textOf(source), 'ts')
  const models = [findModel('poll-loop')!, findModel('async-await')!]
  for (const row of boardOf(models, ['bare', 'reply', 'breaks'])) {
    const coloured = rowLines(row, ['a', 'b'], 100, tokensOf).map((line) => paint(line, true))
    const plain = rowLines(row, ['a', 'b'], 100, noTokens).map((line) => paint(line, false))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    expect(coloured.map((text) => text.replace(/\x1b\[\d+m/g, ''))).toEqual(plain)
    expect(coloured.join('')).toContain('\x1b[')
  }
})

test('Markdown without its marks', () => {
  const text = '**A call.** See [the page](x.md#y), _soon_,\nin `a_b`.\n\n```sh\nnpm  run\n```\n'
  const lines = paragraphs(text).map((line) => paint(line, false))
  expect(lines).toEqual(['A call. See the page, soon, in `a_b`.', '', 'npm  run', ''])
})

function read(...args: string[]) {
  const [node = '', ...program] = commandOf('docs/build/read.ts')
  const env = { ...process.env, COLUMNS: '' }
  return spawnSync(node, [...program, ...args], { encoding: 'utf8', env })
}

describe('the command', () => {
  test('sets two models beside each other, 80 columns wide and without colours', () => {
    const { status, stdout, stderr } = read('poll-loop', '09-async-await', '--role', 'reply')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^── Reply ─+\n/)
    expect(stdout).toMatch(/^03 poll-loop {27}│ 09 async-await$/m)
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBe(80)
    expect(stdout).not.toContain('\x1b')
    expect(stdout.endsWith('\n')).toBe(true)
  })

  test('shows all rows, and with --width as wide as that', () => {
    const { status, stdout } = read('threads', '--width', '100')
    expect(status).toBe(0)
    expect(stdout.match(/^── /gm)).toHaveLength(ROW_IDS.length)
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBe(100)
  })

  test.each([
    [['pol-loop'], 'error: unknown model pol-loop (did you mean poll-loop?)\n'],
    [
      ['threads', '--role', 'back-pressure'],
      'unknown role back-pressure (did you mean backPressure?)',
    ],
    [['threads', '--row', 'bear'], 'unknown row bear (did you mean bare?)'],
    [['threads', '--rows', 'bare'], "unknown option '--rows' (did you mean --row?)"],
    [['threads', '--width', '3'], '24 or more'],
    [['threads', 'reactor', 'cluster', 'poll-loop'], 'at most 3 models'],
    [[], 'which models? There are: blocking-serial,'],
  ])('%j: exit code 2, and one line', (args, message) => {
    const { status, stdout, stderr } = read(...args)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  test('ends quietly if nobody reads on', () => {
    const command = commandOf('docs/build/read.ts')
      .map((word) => `'${word}'`)
      .join(' ')
    const script = `set -o pipefail; ${command} threads reactor cluster | head -n 1`
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
    expect([status, stdout.split('\n').length, stderr]).toEqual([0, 2, ''])
  })

  test('--help has examples', () => {
    const { status, stdout } = read('--help')
    expect(status).toBe(0)
    expect(stdout).toContain('npm run read -- poll-loop async-await\n')
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true)
  })
})
