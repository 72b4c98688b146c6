import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Terminator } from '../../servers/05-asynchat/async-chat.ts'
import { prefixAtEnd } from '../../servers/bytes/bytes.ts'
import { cut, sizes } from '../protocol/arbitrary.ts'
import { bytes, useHarness } from './asynchat-harness.ts'
import type { Channels } from './channels.ts'

/** Framing: which bytes are collected and which terminators are found, however they are cut. */
export function terminatorTests(channels: Channels): void {
  const harness = useHarness(channels)

  test('a terminator that comes whole is found', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\r\n'))
    harness.feed('one\r\ntwo\r\nthree')
    expect(chat.calls).toEqual(['one', '|', 'two', '|', 'three'])
  })

  test('a terminator that is split over several chunks is found', () => {
    const { chat } = harness
    chat.setTerminator(bytes('<end>'))
    harness.feed('one', '<', 'e', 'nd', '>two<en', 'd>')
    expect(chat.calls).toEqual(['one', '|', 'two', '|'])
  })

  test('a false start of the terminator is collected as data', () => {
    const { chat } = harness
    chat.setTerminator(bytes('ab'))
    harness.feed('aab')
    expect(chat.calls).toEqual(['a', '|'])
    harness.feed('a', 'a', 'c', 'a', 'b')
    expect(chat.calls).toEqual(['a', '|', 'aac', '|'])
  })

  test('bytes that may start the terminator wait for the next chunk', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\r\n'))
    harness.feed('one\r')
    expect(chat.calls).toEqual(['one'])
    harness.feed('two')
    expect(chat.calls).toEqual(['one\rtwo'])
  })

  test('terminators in a row are found, and nothing is collected between them', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\n'))
    harness.feed('\n\n', '\n')
    expect(chat.calls).toEqual(['|', '|', '|'])
  })

  test.each<[string, Terminator]>([
    ['null', null],
    ['0', 0],
    ['empty', new Uint8Array(0)],
  ])('the terminator %s collects everything and finds nothing', (_, terminator) => {
    const { chat } = harness
    chat.setTerminator(terminator)
    harness.feed('one\n', '\n', 'two')
    expect(chat.calls).toEqual(['one\n\ntwo'])
  })

  test('no terminator is set at first', () => {
    const { chat } = harness
    expect(chat.getTerminator()).toBeNull()
  })

  test.each([-1, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is refused', (number) => {
    const { chat } = harness
    expect(() => chat.setTerminator(number)).toThrow(RangeError)
    expect(chat.getTerminator()).toBeNull()
  })

  test('a number counts down across chunks, is 0 at the end, and must be set again', () => {
    const { chat } = harness
    const left: Terminator[] = []
    chat.onFound = () => left.push(chat.getTerminator())
    chat.setTerminator(5)
    harness.feed('ab')
    expect(chat.getTerminator()).toBe(3)
    harness.feed('cdefg', 'hi')
    expect(left).toEqual([0])
    expect(chat.calls).toEqual(['abcde', '|', 'fghi'])
  })

  test('a terminator that a callback sets holds for the rest of the chunk', () => {
    const { chat } = harness
    const next: Terminator[] = [3, bytes('\r\n'), bytes('|'), null]
    chat.onFound = () => chat.setTerminator(next.shift()!)
    chat.setTerminator(bytes('\n'))
    harness.feed('head\nab\nline\nstill\r\nbar|rest\n\r\n|')
    expect(chat.calls).toEqual([
      'head',
      '|',
      'ab\n',
      '|',
      'line\nstill',
      '|',
      'bar',
      '|',
      'rest\n\r\n|',
    ])
  })

  test('the terminator may change thirty thousand times within one chunk', () => {
    const { chat } = harness
    const [comma, dot] = [bytes(','), bytes('.')]
    chat.onFound = () => chat.setTerminator(chat.getTerminator() === comma ? dot : comma)
    chat.setTerminator(comma)
    harness.feed('a,b.'.repeat(15_000))
    expect(chat.calls).toHaveLength(60_000)
    expect(chat.calls.slice(-4)).toEqual(['a', '|', 'b', '|'])
  })

  test('a terminator that is set while collecting is not overwritten by the count', () => {
    const { chat } = harness
    chat.onCollect = () => chat.setTerminator(bytes('\n'))
    chat.setTerminator(100)
    harness.feed('abc', 'def\n')
    expect(chat.calls).toEqual(['abcdef', '|'])
  })

  test.each<[string, Terminator, string[]]>([
    ['null', null, ['abc\r']],
    ['a number', 1, ['abc\r', '|']],
    ['other bytes', bytes('\r'), ['abc', '|']],
    ['a longer start of itself', bytes('\r\r'), ['abc']],
    ['the same bytes', bytes('\r\n'), ['abc']],
  ])('set while collecting, %s holds for the bytes held back', (_, next, calls) => {
    const { chat } = harness
    chat.setTerminator(bytes('\r\n'))
    chat.onCollect = () => {
      chat.onCollect = () => {}
      chat.setTerminator(next)
    }
    harness.feed('abc\r')
    expect(chat.calls).toEqual(calls)
  })

  test('set while collecting, a terminator holds from the next byte on, however cut', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\r', '\n'), maxLength: 12 })
    const next = fc.constantFrom<Terminator>(null, 1, 3, bytes('\r'), bytes('\n'), bytes('\n\r'))
    const callsOf = (chunks: Uint8Array[], next: Terminator) => {
      harness.renew()
      const { chat } = harness
      chat.setTerminator(bytes('\r\n'))
      chat.onCollect = () => {
        chat.onCollect = () => {}
        chat.setTerminator(next)
      }
      chat.onFound = () => chat.setTerminator(null)
      harness.feed(...chunks)
      harness.end()
      return chat.calls
    }
    const sameCalls = fc.property(text, next, sizes, (rest, next, sizes) => {
      // The first piece is 'line', and the old terminator comes right after it.
      const stream = bytes(`\r\n${rest}`)
      const whole = Buffer.concat([bytes('line'), stream])
      const inBytes = Array.from(stream, (byte) => Buffer.of(byte))
      const calls = callsOf([bytes('line'), ...inBytes], next)
      expect(callsOf([whole], next)).toEqual(calls)
      expect(callsOf([bytes('line\r'), ...cut(whole.subarray(5), sizes)], next)).toEqual(calls)
    })
    fc.assert(sameCalls, { numRuns: 60 })
  })

  test('a stream may be cut anywhere: bytes as terminator', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 })
    const terminator = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 })
    const sameCalls = fc.property(text, terminator, sizes, (whole, end, sizes) => {
      harness.renew()
      harness.chat.setTerminator(bytes(end))
      harness.feed(...cut(bytes(whole), sizes))
      harness.end()
      expect(harness.chat.calls).toEqual(splitAt(whole, end))
    })
    fc.assert(sameCalls, { numRuns: 60 })
  })

  test('a stream may be cut anywhere: numbers and bytes in turn', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 })
    const terminators = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom('\n', 'ab', 'aab')),
      { minLength: 1, maxLength: 5 },
    )
    const sameCalls = fc.property(text, terminators, sizes, (whole, terminators, sizes) => {
      harness.renew()
      let turn = 0
      const setNext = () => {
        const next = terminators[turn++ % terminators.length]!
        harness.chat.setTerminator(typeof next === 'number' ? next : bytes(next))
      }
      harness.chat.onFound = setNext
      setNext()
      harness.feed(...cut(bytes(whole), sizes))
      harness.end()
      expect(harness.chat.calls).toEqual(splitInTurn(whole, terminators))
    })
    fc.assert(sameCalls, { numRuns: 60 })
  })
}

/** The helper that finds the start of a terminator at the end of the input. */
export function prefixTests(): void {
  test('prefixAtEnd says how many bytes of a terminator the input ends with', () => {
    const prefix = (input: string, terminator: string, start?: number) =>
      prefixAtEnd(bytes(input), bytes(terminator), start)
    expect(prefix('qwerty\r', '\r\n')).toBe(1)
    expect(prefix('qwerty', '\r\n')).toBe(0)
    expect(prefix('aba', 'abab')).toBe(3)
    expect(prefix('abaab', 'abab')).toBe(2)
    expect(prefix('ab', 'abab', 1)).toBe(0)
    expect(prefix('', 'abab')).toBe(0)
  })
}

/** The calls that a stream with one terminator makes. */
function splitAt(whole: string, terminator: string): string[] {
  const parts = whole.split(terminator)
  return parts.flatMap((part, i) => (i === 0 ? [part] : ['|', part])).filter((part) => part !== '')
}

/** The calls that a stream makes with these terminators in turn: each one found sets the next. */
function splitInTurn(whole: string, terminators: readonly (number | string)[]): string[] {
  const calls: string[] = []
  let rest = whole
  for (let turn = 0; rest !== ''; turn++) {
    const terminator = terminators[turn % terminators.length]!
    const isNumber = typeof terminator === 'number'
    const end = isNumber ? terminator : rest.indexOf(terminator)
    if (end < 0 || end > rest.length) return [...calls, rest]
    calls.push(...[rest.slice(0, end)].filter(Boolean), '|')
    rest = rest.slice(end + (isNumber ? 0 : terminator.length))
  }
  return calls
}
