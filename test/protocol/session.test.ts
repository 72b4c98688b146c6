/** The three protocols without sockets: their answers, however the bytes arrive. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { expectedReply } from '../../clients/check/expected.ts'
import { NOTHING } from '../../servers/bytes/bytes.ts'
import { createRule, createSession, PROTOCOLS } from '../../servers/protocol/protocols.ts'
import type { Session } from '../../servers/protocol/session.ts'
import { bytes, cut, receiveInOneBuffer, sizes } from './arbitrary.ts'

const LINE_PROTOCOLS = PROTOCOLS.filter((protocol) => protocol !== 'raw')

/** All replies to a client that sends these chunks and then its FIN. */
function converse(session: Session, chunks: readonly Uint8Array[]): Buffer {
  const replies: Uint8Array[] = []
  for (const chunk of chunks) {
    if (session.finished) break
    replies.push(Uint8Array.from(session.receive(chunk)))
  }
  if (!session.finished) replies.push(session.end())
  return Buffer.concat(replies)
}

describe.each(PROTOCOLS)('%s', (protocol) => {
  const maxLines = fc.integer({ min: 1, max: 12 })

  test('the answer does not depend on how the bytes are cut', () => {
    fc.assert(
      fc.property(bytes, sizes, maxLines, (sent, sizes, maxLine) => {
        const answer = converse(createSession({ protocol, maxLine }), cut(sent, sizes))
        expect(answer).toEqual(expectedReply(protocol, sent, maxLine))
      }),
      { numRuns: 2000 },
    )
  })

  test('the answer is the same if the caller reads every chunk into the same buffer', () => {
    fc.assert(
      fc.property(bytes, sizes, maxLines, (sent, sizes, maxLine) => {
        const session = createSession({ protocol, maxLine })
        const replies = receiveInOneBuffer(session, cut(sent, sizes))
        const last = session.finished ? NOTHING : session.end()
        const answer = Buffer.concat([replies, last])
        expect(answer).toEqual(expectedReply(protocol, sent, maxLine))
      }),
      { numRuns: 1000 },
    )
  })

  test('a reply does not change, whatever comes later', () => {
    fc.assert(
      fc.property(bytes, sizes, maxLines, (sent, sizes, maxLine) => {
        const session = createSession({ protocol, maxLine })
        const replies: { reply: Uint8Array; copy: Buffer }[] = []
        const keep = (reply: Uint8Array) => replies.push({ reply, copy: Buffer.from(reply) })
        for (const chunk of cut(sent, sizes)) if (!session.finished) keep(session.receive(chunk))
        if (!session.finished) keep(session.end())
        for (const { reply, copy } of replies) expect(Buffer.from(reply)).toEqual(copy)
      }),
    )
  })

  test('two connections have nothing in common', () => {
    const [one, other] = [1, 2].map(() => createSession({ protocol, maxLine: 100 }))
    one!.receive(Buffer.from('mine\nand the beg'))
    expect(converse(other!, [Buffer.from('yours\n')]).toString()).toBe('yours\n')
  })

  test('no bytes are answered with no bytes', () => {
    const session = createSession({ protocol, maxLine: 100 })
    expect(session.receive(new Uint8Array(0))).toHaveLength(0)
    expect(session.end()).toHaveLength(0)
    expect(session.finished).toBe(false)
  })
})

describe.each(LINE_PROTOCOLS)('%s: the limit', (protocol) => {
  const error = (maxLine: number) => `error: line longer than ${maxLine} bytes\n`

  /** The answers to `text` as a whole, and byte by byte. */
  function answers(text: string, maxLine: number): [string, string] {
    const sent = Buffer.from(text)
    const session = () => createSession({ protocol, maxLine })
    const single = Array.from(sent, (byte) => Buffer.from([byte]))
    return [converse(session(), [sent]).toString(), converse(session(), single).toString()]
  }

  test.each([1, 2, 16384])('a line of %i bytes, which is the limit, is answered', (maxLine) => {
    const longest = 'x'.repeat(maxLine)
    for (const text of [longest, `${longest}\n`]) {
      expect(answers(text, maxLine)).toEqual([text, text])
    }
  })

  test.each([1, 2, 16384])('one byte above %i is an error', (maxLine) => {
    const tooLong = 'x'.repeat(maxLine + 1)
    for (const text of [tooLong, `${tooLong}\n`, `${tooLong}\nnever answered\n`]) {
      expect(answers(text, maxLine)).toEqual([error(maxLine), error(maxLine)])
    }
  })

  test('the error comes with the first byte above the limit, after what is owed', () => {
    const session = createSession({ protocol, maxLine: 4 })
    expect(Buffer.from(session.receive(Buffer.from('ab\n1234'))).toString()).toBe('ab\n')
    expect(session.finished).toBe(false)
    expect(Buffer.from(session.receive(Buffer.from('5'))).toString()).toBe(error(4))
    expect(session.finished).toBe(true)
  })
})

test('previous answers with the line before and the line, line answers with the line', () => {
  const [previous, line] = LINE_PROTOCOLS.map((protocol) => createRule(protocol)!)
  const asked = ['one\n', '\n', 'three'].map((text) => Buffer.from(text))
  expect(asked.map((text) => Buffer.from(previous!(text)).toString())).toEqual([
    'one\n',
    'one\n\n',
    '\nthree',
  ])
  expect(asked.map((text) => Buffer.from(line!(text)).toString())).toEqual(['one\n', '\n', 'three'])
})

test('raw has no lines and no limit', () => {
  const session = createSession({ protocol: 'raw', maxLine: 1 })
  const chunk = Buffer.alloc(100_000, 'x')
  expect(session.receive(chunk)).toHaveLength(chunk.length)
  expect(session.finished).toBe(false)
  expect(createRule('raw')).toBeUndefined()
})

test('faulty throws on the line `throw`, and echoes any other', () => {
  const session = createSession({ protocol: 'faulty', maxLine: 100 })
  expect(Buffer.from(session.receive(Buffer.from('throw me\n'))).toString()).toBe('throw me\n')
  expect(() => session.receive(Buffer.from('throw\n'))).toThrow('thrown by the faulty protocol')
})

test('burn computes for as long as a line says, and echoes it like any other', () => {
  const session = createSession({ protocol: 'burn', maxLine: 100 })
  const start = performance.now()
  const reply = session.receive(Buffer.from('a burn 20 b\nno burning\n'))
  expect(Buffer.from(reply).toString()).toBe('a burn 20 b\nno burning\n')
  expect(performance.now() - start).toBeGreaterThanOrEqual(20)
})
