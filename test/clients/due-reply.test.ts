import { describe, expect, test } from 'vitest'
import { describeDifference, difference } from '../../clients/difference.ts'
import { dueReply } from '../../clients/due-reply.ts'

const a = Buffer.from('a\n')
const b = Buffer.from('b\n')

describe('dueReply', () => {
  test('raw and line: the message', () => {
    expect(dueReply('raw', b, a).toString()).toBe('b\n')
    expect(dueReply('line', b, a).toString()).toBe('b\n')
  })

  test('previous: the message before, then this one; the first alone', () => {
    expect(dueReply('previous', a).toString()).toBe('a\n')
    expect(dueReply('previous', b, a).toString()).toBe('a\nb\n')
  })

  test('bytes that are no text come back as they are', () => {
    const bytes = Uint8Array.of(0xff, 0x00, 0x0d, 0x0a)
    expect([...dueReply('previous', bytes, bytes)]).toEqual([...bytes, ...bytes])
  })
})

describe('difference', () => {
  test('none while the reply is a beginning of what is due', () => {
    expect(difference(Buffer.from('abc'), Buffer.from(''))).toBeUndefined()
    expect(difference(Buffer.from('abc'), Buffer.from('ab'))).toBeUndefined()
    expect(difference(Buffer.from('abc'), Buffer.from('abc'))).toBeUndefined()
  })

  test('the first wrong byte, with what follows it', () => {
    const found = difference(Buffer.from('abcd'), Buffer.from('abXd'))
    expect(found).toEqual({ offset: 2, expected: '6364', got: '5864' })
    expect(describeDifference(found!)).toBe('byte 2: expected 63 64 "cd", got 58 64 "Xd"')
  })

  test('more than is due', () => {
    const found = difference(Buffer.from('ab'), Buffer.from('ab!'))
    expect(found).toEqual({ offset: 2, expected: '', got: '21' })
    expect(describeDifference(found!)).toBe('byte 2: expected nothing, got 21 "!"')
  })
})
