/** The rules of PEP 3333, each with applications that break it. */
import { expect } from 'vitest'
import { sleep } from '../../servers/07-green-threads/gevent.ts'
import type { Application, Header, Piece } from '../../servers/07-green-threads/wsgi.ts'
import { refusal } from '../protocol/http-examples.ts'
import { caught, green, watchFailures } from './green-harness.ts'
import { recvAll } from './green-io-harness.ts'
import { dial } from './green-server-spawn.ts'
import { answerOf, CLOSE_GET, response, serving, TEXT } from './green-wsgi-harness.ts'

const FAILED = refusal('500 Internal Server Error', 'the application has failed')

/** For what no TypeScript program could write. */
const wrong = <Type>(value: unknown) => value as Type

function starting(status: unknown, headers: unknown = TEXT, body: Piece = ''): Application {
  return (_, startResponse) => {
    startResponse(wrong(status), wrong(headers))
    return body
  }
}

const withHeader = (name: unknown, value: unknown) => starting('200 OK', [[name, value]], 'x')
const withLength = (length: string, ...pieces: Piece[]): Application =>
  function* (_, startResponse) {
    startResponse('200 OK', [['Content-Length', length]])
    yield* pieces
  }

const HOP_BY_HOP = ['Connection', 'Keep-Alive', 'TE', 'Trailers', 'Transfer-Encoding', 'UPGRADE']

/** Nothing has been sent yet: the client is told of the failure, and the operator of the reason. */
const BEFORE: readonly (readonly [rule: string, application: Application, reported: string])[] = [
  ['startResponse is called', () => 'x', 'must be called before the first piece'],
  ['startResponse is called even without a body', () => [], 'must be called before'],
  [
    'startResponse is called before the first piece',
    function* (_, startResponse) {
      yield 'x'
      startResponse('200 OK', TEXT)
    },
    'must be called before the first piece',
  ],
  [
    'startResponse is called once',
    (_, startResponse) => {
      startResponse('200 OK', TEXT)
      startResponse('200 OK', TEXT)
    },
    'a second time without excInfo',
  ],
  ...['200', '200OK', '20 OK', '2000 OK', '200 ', '200 OK ', 'OK', '099 Low', '100 Continue'].map(
    (status) => ['a status is a number and a reason', starting(status), 'is no status'] as const,
  ),
  ['a status has no line break', starting('200 OK\r\nX: y'), String.raw`OK\r\nX`],
  ['a status is text', starting(200), 'not number'],
  ['headers are an array', starting('200 OK', new Map()), 'an array of pairs'],
  ['a name is text', withHeader(1, 'x'), 'not number and string'],
  ['a value is text', withHeader('X', 1), 'not string and number'],
  ...['', 'a b', 'a:', 'a\r\nb', 'ä', 'a_b\n'].map(
    (name) => ['a name is a token', withHeader(name, 'x'), 'is no name of a header'] as const,
  ),
  ...['a\r\nSet-Cookie: b', 'a\nb', 'a\0', '\u{1f600}'].map(
    (value) => ['a value has no control characters', withHeader('X', value), 'X'] as const,
  ),
  ...HOP_BY_HOP.map(
    (name) => ['the connection is the server’s', withHeader(name, 'x'), "server's"] as const,
  ),
  ['a length is a number', withHeader('Content-Length', '1x'), 'is no Content-Length'],
  [
    'there is one length',
    starting('200 OK', [
      ['Content-Length', '1'],
      ['content-length', '1'],
    ]),
    'more than one',
  ],
  ['a 204 has no length', starting('204 None', [['Content-Length', '0']]), 'has no Content-Length'],
  ['a 204 has no body', starting('204 No Content', [], 'x'), 'has no body'],
  ['a 304 has no body', starting('304 Not Modified', [], 'x'), 'has no body'],
  ['a body is not longer than its length', withLength('2', 'abc'), 'has 3 bytes'],
  [
    'a body is not shorter than its length',
    starting('200 OK', [['Content-Length', '2']], 'a'),
    '1',
  ],
  ['a piece is text or bytes', starting('200 OK', TEXT, wrong(1)), 'not number'],
  ['a piece in an array is, too', starting('200 OK', TEXT, wrong([null])), 'not object'],
  ['a body can be iterated', starting('200 OK', TEXT, wrong({})), 'iterable of pieces'],
]

/** A part of the response has been sent: the client must see that it is not whole. */
const AFTER: readonly (readonly [rule: string, application: Application, reported: string])[] = [
  ['a body is not longer than its length', withLength('5', 'abc', 'def'), 'longer'],
  [
    'nor is what a generator returns',
    function* (_, startResponse) {
      startResponse('200 OK', [['Content-Length', '5']])
      yield 'abc'
      return 'def'
    },
    'longer',
  ],
  ['a body is not shorter than its length', withLength('5', 'abc'), '2 bytes are missing'],
  [
    'startResponse comes too late with an error: it is thrown',
    function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      yield 'abc'
      startResponse('500 Failed', TEXT, new Error('the cause'))
    },
    'the cause',
  ],
  [
    'a piece is text or bytes',
    function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      yield 'abc'
      yield wrong<Piece>(1)
    },
    'not number',
  ],
  [
    'an application does not throw, after a wait either',
    function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      yield 'abc'
      yield* sleep(0)
      throw new Error('after a wait')
    },
    'after a wait',
  ],
]

export function rulesTests(): void {
  const seen = watchFailures()
  const reported = () => seen.failures.map(String)

  for (const [rule, application, reason] of BEFORE) {
    green(`${rule}: otherwise 500, and the reason for the operator: ${reason}`, function* () {
      expect(yield* answerOf(application)).toBe(FAILED)
      expect(reported()).toEqual([expect.stringContaining(reason)])
    })
  }

  for (const [rule, application, reason] of AFTER) {
    green(`${rule}: otherwise the response is cut: ${reason}`, function* () {
      const answer = yield* answerOf(application)
      const isCounted = answer.includes('Content-Length: 5\r\n')
      const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
      // In both framings the client knows that more must come: two bytes, or the last chunk.
      expect(body).toBe(isCounted ? 'abc' : '3\r\nabc\r\n')
      expect(reported()).toEqual([expect.stringContaining(reason)])
    })
  }

  green('a response that ends with its connection is cut by a reset, not a FIN', function* () {
    yield* serving(AFTER.at(-1)![1], {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall('GET / HTTP/1.0\r\n\r\n')
      expect(yield* caught(() => recvAll(client))).toMatchObject({ code: 'ECONNRESET' })
    })
    expect(reported()).toHaveLength(1)
  })

  green('startResponse may be called again with an error, before the first byte', function* () {
    const answer = yield* answerOf(function* (_, startResponse) {
      startResponse('200 OK', [['X', 'first']])
      yield ''
      startResponse('503 Busy', [['X', 'second']], new Error('busy'))
      return 'sorry'
    })
    const fields = ['X: second', 'Content-Length: 5', 'Connection: close']
    expect(answer).toBe(response('503 Busy', fields, 'sorry'))
    expect(reported()).toEqual([])
  })

  green('fields of a response are sent as they are, byte by byte', function* () {
    const headers: Header[] = [
      ['Date', 'today'],
      ['x-A', '\xe4\t b'],
      ['Set-Cookie', 'a=b'],
      ['Set-Cookie', 'c='],
      ['X', ''],
    ]
    const answer = yield* answerOf(starting('299 \xd6K', headers, 'ä'), CLOSE_GET)
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const end = 'Content-Length: 2\r\nConnection: close\r\n\r\n\xc3\xa4'
    expect(answer).toBe(`HTTP/1.1 299 \xd6K\r\n${lines}${end}`)
  })
}
