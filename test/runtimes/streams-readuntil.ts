import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  IncompleteReadError,
  LimitOverrunError,
} from '../../servers/09-async-await/stream-reader.ts'
import { cut, sizes } from '../protocol/arbitrary.ts'
import { LIMIT, readerOf, text } from './streams-harness.ts'

/** Reading up to a separator, and the limit of that. */
export function readuntilTests(): void {
  const CRLF = Buffer.from('\r\n')

  test.each([
    ['whole', ['ab\r\ncd']],
    ['split', ['ab\r', '\ncd']],
    ['split after a false prefix', ['ab\r', '\r\ncd'], 'ab\r\r\n'],
    ['byte by byte', [...'ab\r\ncd']],
  ])('a separator that comes %s is found', async (_, chunks, found = 'ab\r\n') => {
    const reader = readerOf(chunks)
    expect(text(await reader.readuntil(CRLF))).toBe(found)
    expect(text(await reader.readexactly(2))).toBe('cd')
  })

  test('a separator after a false start of itself is found', async () => {
    const reader = readerOf(['a', 'a', 'b', 'c'])
    expect(text(await reader.readuntil(Buffer.from('ab')))).toBe('aab')
  })

  test('the end of the stream before a separator is an error with what came', async () => {
    const reader = readerOf(['ab', '\r'])
    const error = await reader.readuntil(CRLF).catch((reason) => reason)
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(text(error.partial)).toBe('ab\r')
  })

  test('an empty separator is refused', async () => {
    await expect(readerOf(['ab']).readuntil(Buffer.alloc(0))).rejects.toThrow(RangeError)
  })

  test('the limit is exact, wherever the stream is cut', async () => {
    const separators = fc.constantFrom('\n', '\r\n', '--==')
    const limits = fc.integer({ min: 1, max: 12 })
    await fc.assert(
      fc.asyncProperty(separators, limits, fc.boolean(), sizes, async (sep, limit, fits, sizes) => {
        const line = `${'x'.repeat(fits ? limit : limit + 1)}${sep}`
        const reader = readerOf(cut(Buffer.from(`${line}rest`), sizes), limit)
        const result = await reader.readuntil(Buffer.from(sep)).then(text, (error) => error)
        if (fits) expect(result).toBe(line)
        else expect(result).toBeInstanceOf(LimitOverrunError)
      }),
      { numRuns: 300 },
    )
  })

  test('bytes above the limit can still be read', async () => {
    const reader = readerOf(['12345', '67', '8\nnext\n'], 4)
    await expect(reader.readline()).rejects.toThrow(LimitOverrunError)
    expect(text(await reader.readexactly(9))).toBe('12345678\n')
    expect(text(await reader.readuntil())).toBe('next\n')
  })

  test('the limit is 65536 bytes by default', async () => {
    const fits = `${'x'.repeat(LIMIT)}\n`
    expect(text(await readerOf([fits]).readline())).toBe(fits)
    await expect(readerOf([`x${fits}`]).readline()).rejects.toThrow(LimitOverrunError)
    await expect(readerOf([`x${fits.trimEnd()}`]).readline()).rejects.toThrow(LimitOverrunError)
  })
}
