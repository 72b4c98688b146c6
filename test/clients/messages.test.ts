import { describe, expect, test } from 'vitest'
import { Messages } from '../../clients/messages.ts'

function shape(size: number, protocol: 'previous' | 'line' | 'raw' = 'line', depth = 4) {
  return new Messages({ protocol, size, depth })
}

describe('Messages', () => {
  test('a message carries connection and sequence number, padded to its size', () => {
    const messages = shape(32)
    expect(messages.messages(17, 42, 1).toString()).toBe('c000017 s0000000042 ...........\n')
    expect(messages.carries).toBe('connection and sequence number')
  })

  test.each([
    [1, '\n', 'nothing: all messages are alike'],
    [2, '2\n', 'the last 1 digits of the sequence number'],
    [4, '042\n', 'the last 3 digits of the sequence number'],
    [11, '0000000042\n', 'the last 10 digits of the sequence number'],
    [15, '0000000042....\n', 'the last 10 digits of the sequence number'],
    [19, '0000000042........\n', 'the last 10 digits of the sequence number'],
    [20, 'c000017 s0000000042\n', 'connection and sequence number'],
    [21, 'c000017 s0000000042 \n', 'connection and sequence number'],
  ])('size %i', (size, text, carries) => {
    const messages = shape(size)
    expect(messages.messages(17, 42, 1).toString()).toBe(text)
    expect(messages.carries).toBe(carries)
  })

  test('a run of messages counts on, over every digit', () => {
    const run = shape(4).messages(0, 998, 4).toString()
    expect(run).toBe('998\n999\n000\n001\n')
    const messages = shape(20)
    messages.messages(999_999, 2_147_483_646, 1)
    expect(messages.messages(3, 9, 2).toString()).toBe('c000003 s0000000009\nc000003 s0000000010\n')
  })

  test('due: the message itself for line and raw', () => {
    for (const protocol of ['line', 'raw'] as const) {
      const messages = shape(20, protocol)
      expect(messages.due(5, 0).toString()).toBe('c000005 s0000000000\n')
      expect(messages.due(5, 7).toString()).toBe('c000005 s0000000007\n')
    }
  })

  test('due for previous: the message before it, then itself', () => {
    const messages = shape(20, 'previous')
    expect(messages.due(5, 0).toString()).toBe('c000005 s0000000000\n')
    expect(messages.due(5, 1).toString()).toBe('c000005 s0000000000\nc000005 s0000000001\n')
    expect(messages.due(6, 10).toString()).toBe('c000006 s0000000009\nc000006 s0000000010\n')
  })
})
