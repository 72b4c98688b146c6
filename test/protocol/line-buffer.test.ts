import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineBuffer } from '../../servers/protocol/line-buffer.ts'
import { bytes, cut, sizes } from './arbitrary.ts'

function pushed(lines: LineBuffer, text: string): string[] {
  return lines.push(Buffer.from(text)).map((line) => Buffer.from(line).toString())
}

describe('LineBuffer', () => {
  test('cuts every stream into the same lines, however it arrives', () => {
    fc.assert(
      fc.property(bytes, sizes, (sent, sizes) => {
        const lines = new LineBuffer(1000)
        const found = cut(sent, sizes).flatMap((chunk) => lines.push(chunk))
        const rest = lines.rest()
        const text = [...found, rest].map((line) => Buffer.from(line).toString('latin1'))
        expect(text.join('|')).toBe(sent.toString('latin1').split('\n').join('\n|'))
        expect(lines.overflow).toBe(false)
      }),
      { numRuns: 1000 },
    )
  })

  test('an empty line is a line', () => {
    expect(pushed(new LineBuffer(10), '\n\na\n')).toEqual(['\n', '\n', 'a\n'])
  })

  test('holds a line back until its newline comes', () => {
    const lines = new LineBuffer(10)
    expect(pushed(lines, 'ab')).toEqual([])
    expect(pushed(lines, 'c')).toEqual([])
    expect(pushed(lines, '\nd')).toEqual(['abc\n'])
    expect(Buffer.from(lines.rest()).toString()).toBe('d')
    expect(lines.rest()).toHaveLength(0)
  })

  test.each([
    ['whole', ['123456789\n']],
    ['before its newline', ['123456789', '\n']],
    ['in the middle', ['1234', '56789\n']],
    ['without a newline', ['123456789']],
  ])('a line above the limit is an overflow: %s', (_, chunks) => {
    const lines = new LineBuffer(8)
    expect(chunks.flatMap((chunk) => pushed(lines, chunk))).toEqual([])
    expect(lines.overflow).toBe(true)
  })

  test('gives the lines before the one that is too long, and none after it', () => {
    const lines = new LineBuffer(3)
    expect(pushed(lines, 'one\ntwo\nthree\nfor\n')).toEqual(['one\n', 'two\n'])
    expect(lines.overflow).toBe(true)
    expect(pushed(lines, 'six\n')).toEqual([])
  })

  test('the limit does not count the newline', () => {
    const lines = new LineBuffer(3)
    expect(pushed(lines, 'abc')).toEqual([])
    expect(lines.overflow).toBe(false)
    expect(pushed(lines, '\n')).toEqual(['abc\n'])
  })
})
