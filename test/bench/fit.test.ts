import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitted, wrapped } from '../../bench/report/fit.ts'
import type { ReportTable } from '../../bench/report/report-table.ts'

const TABLE: ReportTable = {
  title: '',
  shows: '',
  columns: [
    { title: 'model', meaning: '' },
    { title: 'heavy', meaning: '', weight: 2 },
    { title: 'light', meaning: '', weight: 1 },
  ],
  figuresFrom: 1,
  rows: [['poll-loop', '1', '2']],
  notes: [],
  warnings: [],
}

describe('a table', () => {
  test('that has room stays as it is', () => {
    expect(fitted(TABLE, 23)).toBe(TABLE)
  })

  test('loses its lightest columns first, and says which', () => {
    const { columns, rows, notes } = fitted(TABLE, 22)
    expect(columns.map(({ title }) => title)).toEqual(['model', 'heavy'])
    expect(rows).toEqual([['poll-loop', '1']])
    expect(notes).toEqual(['--wide also shows: light'])
    expect(fitted(TABLE, 15).notes).toEqual(['--wide also shows: heavy, light'])
  })

  test('keeps the columns without a weight, whatever the width', () => {
    expect(fitted(TABLE, 1).columns.map(({ title }) => title)).toEqual(['model'])
  })
})

describe('a text', () => {
  test('loses nothing, and has no line that is too long but a word that is', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(words, fc.integer({ min: 14, max: 80 }), (words, width) => {
        const lines = wrapped(words.join(' '), width).split('\n')
        expect(lines.map((line) => line.trim()).join(' ')).toBe(words.join(' '))
        const isUnbroken = (line: string) => /(?<=\S) \d{3}\b/.test(line)
        for (const line of lines.filter((line) => !isUnbroken(line))) {
          expect(line.length).toBeLessThanOrEqual(width)
        }
      }),
    )
  })

  test('does not break within a number', () => {
    expect(wrapped('reaches 17 198 messages', 12)).toBe('reaches\n  17 198\n  messages')
  })
})
