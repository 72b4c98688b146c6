/** Every row of the table in conversation.ts, and what lies between the rows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Conversation } from '../../servers/protocol/conversation.ts'
import { createSession, type ProtocolName } from '../../servers/protocol/protocols.ts'

const HIGH_WATER = 100

function open(protocol: ProtocolName = 'line'): Conversation {
  return new Conversation(createSession({ protocol, maxLine: 8 }), HIGH_WATER)
}

function receive(conversation: Conversation, text: string): string {
  return Buffer.from(conversation.receive(Buffer.from(text))).toString()
}

/** The two ways in which we end a conversation before the peer has sent its FIN. */
const ENDED_BY_US = {
  'a finished session': (conversation: Conversation) => {
    expect(receive(conversation, 'much too long')).toBe('error: line longer than 8 bytes\n')
  },
  'closing time': (conversation: Conversation) => conversation.finish(),
}

describe('open', () => {
  test('lines are answered, and no other step is due', () => {
    const conversation = open()
    expect(receive(conversation, 'a\nb\n')).toBe('a\nb\n')
    expect(conversation.next(0)).toBe('go on')
    expect(conversation.next(1000)).toBe('go on')
    expect(conversation.lingering).toBe(false)
  })

  test('it reads while fewer bytes than the high-water mark are unsent', () => {
    const conversation = open()
    expect([0, 1, HIGH_WATER - 1].map((unsent) => conversation.wantsRead(unsent))).toEqual([
      true,
      true,
      true,
    ])
    expect(conversation.wantsRead(HIGH_WATER)).toBe(false)
    expect(conversation.wantsRead(HIGH_WATER + 1)).toBe(false)
    expect(conversation.wantsRead(0)).toBe(true)
  })
})

describe("the peer's FIN", () => {
  test('is answered with what is owed, and the connection closes once that is sent', () => {
    const conversation = open()
    receive(conversation, 'a\nlast')
    expect(Buffer.from(conversation.end()).toString()).toBe('last')
    expect(conversation.wantsRead(0)).toBe(false)
    expect(conversation.next(4)).toBe('go on')
    expect(conversation.next(1)).toBe('go on')
    expect(conversation.next(0)).toBe('close')
    expect(conversation.lingering).toBe(false)
  })

  test('a second FIN is answered with nothing', () => {
    const conversation = open()
    receive(conversation, 'last')
    conversation.end()
    expect(conversation.end()).toHaveLength(0)
    expect(conversation.next(0)).toBe('close')
  })
})

describe.each(Object.entries(ENDED_BY_US))('%s', (_, end) => {
  test('nothing is read or answered while anything is unsent', () => {
    const conversation = open()
    end(conversation)
    expect(conversation.wantsRead(0)).toBe(false)
    expect(receive(conversation, 'more\n')).toBe('')
    expect(conversation.next(33)).toBe('go on')
    expect(conversation.lingering).toBe(false)
  })

  test('the FIN is sent once, and then the peer is read from but not answered', () => {
    const conversation = open()
    end(conversation)
    expect(conversation.next(0)).toBe('send FIN')
    expect(conversation.lingering).toBe(true)
    expect(conversation.next(0)).toBe('go on')
    expect(conversation.wantsRead(0)).toBe(true)
    expect(receive(conversation, 'still talking\n')).toBe('')
    expect(conversation.next(0)).toBe('go on')
  })

  test("the peer's FIN ends the lingering", () => {
    const conversation = open()
    end(conversation)
    expect(conversation.next(0)).toBe('send FIN')
    expect(conversation.end()).toHaveLength(0)
    expect(conversation.next(0)).toBe('close')
  })

  test("no FIN is sent if the peer's comes first", () => {
    const conversation = open()
    end(conversation)
    expect(conversation.next(33)).toBe('go on')
    expect(conversation.end()).toHaveLength(0)
    expect(conversation.next(0)).toBe('close')
  })

  test('closing time after that changes nothing', () => {
    const conversation = open()
    end(conversation)
    conversation.next(0)
    conversation.finish()
    expect(conversation.lingering).toBe(true)
    expect(conversation.next(0)).toBe('go on')
  })
})

test('closing time drops a line without its newline, which is not complete', () => {
  const conversation = open()
  expect(receive(conversation, 'half a')).toBe('')
  conversation.finish()
  expect(conversation.end()).toHaveLength(0)
})

test('an error that the session throws goes to the caller', () => {
  const conversation = open('faulty')
  expect(() => receive(conversation, 'throw\n')).toThrow('thrown by the faulty protocol')
})

test('whatever happens, at most one FIN is sent, and no answer after the end', () => {
  const event = fc.constantFrom('line', 'too long', 'FIN', 'finish', 'next', 'next unsent')
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const conversation = open()
      let fins = 0
      let ended = false
      for (const each of events) {
        if (each === 'line') expect(receive(conversation, 'x\n')).toBe(ended ? '' : 'x\n')
        if (each === 'too long') receive(conversation, 'x'.repeat(9))
        if (each === 'FIN') conversation.end()
        if (each === 'finish') conversation.finish()
        ended ||= ['too long', 'FIN', 'finish'].includes(each)
        const step = conversation.next(each === 'next unsent' ? 1 : 0)
        if (step === 'send FIN') fins += 1
        if (step !== 'go on') expect(ended).toBe(true)
      }
      expect(fins).toBeLessThanOrEqual(1)
    }),
    { numRuns: 1000 },
  )
})
