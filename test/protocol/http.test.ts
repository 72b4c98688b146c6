/** HTTP without a socket: the answer to each request, however its bytes arrive. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Session } from '../../servers/protocol/session.ts'
import { cut, receiveInOneBuffer, sizes } from './arbitrary.ts'
import {
  ANSWERED,
  answer,
  bytes,
  CHUNKED,
  CLOSE,
  CONTINUE,
  echo,
  GET,
  masked,
  openSession,
  POST,
  path,
  refusal,
} from './http-examples.ts'
import { REFUSED } from './http-refusals.ts'

const single = (whole: Buffer) => Array.from(whole, (byte) => Buffer.of(byte))

describe.each([...ANSWERED, ...REFUSED])('$rule', ({ sent, answer: expected }) => {
  test(`${JSON.stringify(sent)}, whole, cut in two anywhere, and byte by byte`, () => {
    const whole = bytes(sent)
    const session = openSession()
    expect(answer(session, [whole])).toBe(expected)
    expect(session.finished).toBe(expected.includes(CLOSE))
    for (let at = 1; at < whole.length; at++) {
      const pieces = [whole.subarray(0, at), whole.subarray(at)]
      expect(answer(openSession(), pieces), `cut at ${at}`).toBe(expected)
    }
    expect(answer(openSession(), single(whole))).toBe(expected)
  })
})

describe('many requests on one connection', () => {
  const goesOn = fc.constantFrom(...ANSWERED.filter((each) => !each.answer.includes(CLOSE)))
  const last = fc.constantFrom(...ANSWERED, ...REFUSED)
  const dialogue = fc.tuple(fc.array(goesOn, { maxLength: 6 }), last).map(([all, one]) => ({
    sent: bytes([...all, one].map((each) => each.sent).join('')),
    expected: [...all, one].map((each) => each.answer).join(''),
  }))

  test('are answered in order, however they are cut', () => {
    fc.assert(
      fc.property(dialogue, sizes, ({ sent, expected }, sizes) => {
        expect(answer(openSession(), cut(sent, sizes))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('are answered the same if every chunk is read into the same buffer', () => {
    fc.assert(
      fc.property(dialogue, sizes, ({ sent, expected }, sizes) => {
        const replies = receiveInOneBuffer(openSession(), cut(sent, sizes))
        expect(masked(replies.toString('latin1'))).toBe(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('a reply does not change, whatever comes later', () => {
    fc.assert(
      fc.property(dialogue, sizes, ({ sent }, sizes) => {
        const session = openSession()
        const replies: { reply: Uint8Array; copy: Buffer }[] = []
        for (const chunk of cut(sent, sizes)) {
          if (session.finished) break
          const reply = session.receive(chunk)
          replies.push({ reply, copy: Buffer.from(reply) })
        }
        for (const { reply, copy } of replies) expect(Buffer.from(reply)).toEqual(copy)
      }),
    )
  })

  test('ten thousand requests may come in one chunk', () => {
    const sent = Buffer.alloc(10_000 * 27, 'GET /x HTTP/1.1\r\nHost:a\r\n\r\n')
    expect(answer(openSession(), [sent])).toBe(path('/x').repeat(10_000))
  })
})

describe('100 Continue', () => {
  const head = (fields: string, version = '1.1') =>
    bytes(`POST / HTTP/${version}\r\nHost: a\r\nExpect: 100-Continue\r\n${fields}\r\n`)

  test.each([
    ['counted', 'Content-Length: 2\r\n', 'hi'],
    ['chunked', 'Transfer-Encoding: chunked\r\n', '2\r\nhi\r\n0\r\n\r\n'],
  ])('is sent once, before a body that is %s', (_, framing, body) => {
    const session = openSession()
    expect(answer(session, [head(framing)])).toBe(CONTINUE)
    expect(answer(session, single(bytes(body)))).toBe(echo('hi'))
    expect(session.finished).toBe(false)
  })

  test('comes after the replies to earlier requests', () => {
    const sent = Buffer.concat([
      bytes('GET /a HTTP/1.1\r\nHost: a\r\n\r\n'),
      head('Content-Length: 1\r\n'),
    ])
    expect(answer(openSession(), [sent])).toBe(path('/a') + CONTINUE)
  })

  test.each([
    ['the body has begun to come', head('Content-Length: 2\r\n'), 'h', ''],
    ['the body is empty', head('Content-Length: 0\r\n'), '', echo('')],
    ['there is no body', head(''), '', path('/')],
    ['it is HTTP/1.0', head('Content-Length: 2\r\n', '1.0'), '', ''],
  ])('is not sent if %s', (_, head, begun, expected) => {
    expect(answer(openSession(), [Buffer.concat([head, bytes(begun)])])).toBe(expected)
  })
})

describe('the end of the stream', () => {
  const INCOMPLETE = refusal('400 Bad Request', 'the request is incomplete')

  function ended(text: string): { session: Session; last: string } {
    const session = openSession()
    answer(session, [bytes(text)])
    return { session, last: masked(Buffer.from(session.end()).toString('latin1')) }
  }

  test.each(['', '\r\n', `${GET}\r\n`, `${POST}Content-Length: 2\r\n\r\nhi`])(
    'between two requests gets no reply: %j',
    (text) => {
      expect(ended(text).last).toBe('')
    },
  )

  test.each([
    'G',
    'GET / HTTP/1.1\r\n',
    GET,
    `${POST}Content-Length: 2\r\n\r\n`,
    `${POST}Content-Length: 2\r\n\r\nh`,
    CHUNKED,
    `${CHUNKED}1\r\nx\r\n`,
    `${CHUNKED}0\r\n`,
    'HEAD /a HTTP/1.1\r\nHost: a\r\n\r\nG',
  ])('within a request is a bad request: %j', (text) => {
    const { session, last } = ended(text)
    expect(last).toBe(INCOMPLETE)
    expect(session.finished).toBe(true)
  })
})

describe('the date', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('is the time of the reply, to the second', () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const session = openSession()
    const dates = ['2024-02-29T23:59:59.999Z', '2024-03-01T00:00:00.000Z', '1994-11-06T08:49:37Z']
    const replies = dates.map((time) => {
      vi.setSystemTime(new Date(time))
      const reply = session.receive(bytes(`${GET}\r\n`))
      return /Date: (.*)\r\n/.exec(Buffer.from(reply).toString())?.[1]
    })
    // The last one is the example of RFC 9110, 5.6.7.
    expect(replies).toEqual([
      'Thu, 29 Feb 2024 23:59:59 GMT',
      'Fri, 01 Mar 2024 00:00:00 GMT',
      'Sun, 06 Nov 1994 08:49:37 GMT',
    ])
  })
})

describe('whatever is sent', () => {
  const opening = fc.constantFrom('', GET, POST, CHUNKED, `${POST}Expect: 100-continue\r\n`)
  const token = fc.constantFrom(
    ...['\r\n', '\n', '\r', '\0', ':', ' ', '\xff', ';', ',', '"', '0', '5\r\n', '\r\n\r\n'],
    ...['GET ', '/', ' HTTP/1.1', 'Host: a\r\n', 'Content-Length: ', 'Transfer-Encoding: '],
    ...['chunked', 'Connection: close\r\n', GET, POST, CHUNKED],
  )
  const parts = fc.array(fc.oneof(token, fc.string({ unit: 'binary-ascii', maxLength: 5 })))
  const noise = fc.tuple(opening, parts).map(([begin, rest]) => bytes(begin + rest.join('')))

  test('is answered with HTTP, and the cut makes no difference', () => {
    fc.assert(
      fc.property(noise, sizes, (sent, sizes) => {
        const whole = answer(openSession(), [sent])
        // Whether 100 Continue is sent depends on what has come. The other replies do not.
        const said = (replies: string) => replies.replaceAll(CONTINUE, '')
        expect(said(answer(openSession(), cut(sent, sizes)))).toBe(said(whole))
        expect(whole).toMatch(/^(HTTP\/1\.1 \d{3} |$)/)
      }),
      { numRuns: 3000 },
    )
  })
})
