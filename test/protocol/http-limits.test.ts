/** The limits of a request: exact to the byte, however it is cut, and in time. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { MAX_TARGET } from '../../servers/protocol/http-head.ts'
import {
  MAX_BODY,
  MAX_EMPTY_LINES,
  MAX_EXTENSIONS,
  MAX_FIELDS,
} from '../../servers/protocol/http-parser.ts'
import { cut } from './arbitrary.ts'
import {
  answer,
  bytes,
  CHUNKED,
  echo,
  GET,
  openSession,
  POST,
  path,
  refusal,
} from './http-examples.ts'

/** A request that takes just what a limit allows, or `more` bytes above, and the two answers. */
interface Limit {
  readonly name: string
  readonly request: (more: number) => string
  readonly within: string
  readonly above: string
}

const CHUNKS = {
  half: `80000\r\n${'x'.repeat(MAX_BODY / 2)}\r\n`,
  extended: `4;${'x'.repeat(MAX_EXTENSIONS / 2 - 1)}\r\ndata\r\n`,
}
const LIMITS: readonly Limit[] = [
  {
    name: 'the request target',
    request: (more) => `GET /${'x'.repeat(MAX_TARGET - 1 + more)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    within: path(`/${'x'.repeat(MAX_TARGET - 1)}`),
    above: refusal('414 URI Too Long', 'a target may have 16384 bytes'),
  },
  {
    name: 'one field',
    request: (more) => `${GET}X:${'x'.repeat(MAX_FIELDS - 15 + more)}\r\n\r\n`,
    within: path('/'),
    above: refusal('431 Request Header Fields Too Large', 'header fields may have 16384 bytes'),
  },
  {
    name: 'many fields',
    request: (more) => `${GET}${'X:\r\n'.repeat(4092)}X:${'.'.repeat(1 + more)}\r\n\r\n`,
    within: path('/'),
    above: refusal('431 Request Header Fields Too Large', 'header fields may have 16384 bytes'),
  },
  {
    name: 'a body',
    request: (more) => `${POST}Content-Length: ${MAX_BODY + more}\r\n\r\n${'x'.repeat(MAX_BODY)}`,
    within: echo('x'.repeat(MAX_BODY)),
    above: refusal('413 Content Too Large', 'a body may have 1048576 bytes'),
  },
  {
    name: 'the chunks of a body',
    request: (more) => `${CHUNKED}${CHUNKS.half.repeat(2)}${more}\r\n${'x'.repeat(more)}\r\n\r\n`,
    within: echo('x'.repeat(MAX_BODY)),
    above: refusal('413 Content Too Large', 'a body may have 1048576 bytes'),
  },
  {
    name: 'the extensions of all chunks',
    request: (more) => `${CHUNKED}${CHUNKS.extended.repeat(2)}0${more ? ';x' : ''}\r\n\r\n`,
    within: echo('datadata'),
    above: refusal('413 Content Too Large', 'chunk extensions may have 4096 bytes'),
  },
  {
    name: 'the trailers',
    request: (more) => `${CHUNKED}0\r\nX:${'x'.repeat(MAX_FIELDS - 6 + more)}\r\n\r\n`,
    within: echo(''),
    above: refusal('431 Request Header Fields Too Large', 'trailer fields may have 16384 bytes'),
  },
  {
    name: 'empty lines',
    request: (more) => `${'\r\n'.repeat(MAX_EMPTY_LINES + more)}${GET}\r\n`,
    within: path('/'),
    above: refusal('400 Bad Request', 'malformed request line'),
  },
]

describe.each(LIMITS)('the limit of $name', ({ request, within, above }) => {
  const pieces = (text: string, size: number) =>
    cut(bytes(text), Array(Math.ceil(text.length / size)).fill(size))

  test.each([1000, 65536, 1 << 22])('is exact in pieces of %i bytes', (size) => {
    const session = openSession()
    // Twice: what one request has used up does not count for the next.
    for (const _ of [1, 2]) expect(answer(session, pieces(request(0), size)) === within).toBe(true)
    expect(session.finished).toBe(false)
    expect(answer(session, pieces(request(1), size))).toBe(above)
    expect(session.finished).toBe(true)
  })
})

/** Refused before the rest has come: a client need not send all of what is too much. */
test.each([
  ['a target', `GET /${'x'.repeat(MAX_TARGET + 64)}`, '414'],
  ['a field', `GET / HTTP/1.1\r\nX: ${'x'.repeat(MAX_FIELDS)}`, '431'],
  ['a length', `${POST}Content-Length: ${MAX_BODY + 1}\r\n\r\n`, '413'],
  [
    'a length, with an expectation',
    `${POST}Expect: 100-continue\r\nContent-Length: ${MAX_BODY + 1}\r\n\r\n`,
    '413',
  ],
  ['a chunk', `${CHUNKED}100001\r\n`, '413'],
  ['an extension', `${CHUNKED}1;${'x'.repeat(MAX_EXTENSIONS + 32)}`, '413'],
])('%s is refused as soon as it is too long', (_, sent, status) => {
  expect(answer(openSession(), [bytes(sent)])).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
})

test('no request takes long to parse, whatever its spaces make the patterns try', () => {
  const spaces = ' '.repeat(16_000)
  const hard = [
    `X: ${spaces}\0`,
    `X: x${spaces}\0`,
    `X: ${'x '.repeat(8000)}\0`,
    `Connection: a${spaces}b`,
    `Transfer-Encoding: a${spaces}b`,
  ].map((field) => bytes(`${GET}${field}\r\n\r\n`))
  const from = performance.now()
  for (const sent of hard.flatMap((each) => Array(10).fill(each))) openSession().receive(sent)
  // Each takes well under a millisecond. With a pattern that backtracks, each takes 100.
  expect(performance.now() - from).toBeLessThan(500)
})

describe('a client cannot send much without an answer, so the server holds little', () => {
  const openings = ['', POST, CHUNKED, `${POST}Content-Length: ${MAX_BODY}\r\n\r\n`]
  const endless = ['x', 'X: x\r\n', '\r\n', '1\r\nx\r\n', '1;x\r\nx\r\n', '0000']
  const talks = openings.flatMap((opening) => endless.map((rest) => [opening, rest] as const))

  test.each(talks)('after %j, %j is not taken for ever', (opening, rest) => {
    const session = openSession()
    session.receive(bytes(opening))
    const chunk = bytes(rest.repeat(10_000))
    let sent = 0
    while (session.receive(chunk).length === 0) {
      sent += chunk.length
      // A body in chunks of one byte needs six bytes for each.
      expect(sent).toBeLessThan(6 * MAX_BODY)
    }
  })
})

describe('the time of a head', () => {
  const LATE = refusal('408 Request Timeout', 'a head may take 60 s')

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] })
  })

  afterEach(() => {
    vi.useRealTimers()
  })

  /** The answers to texts that come with a pause before each, in seconds. */
  function dripped(...pieces: readonly (string | number)[]): string {
    const session = openSession()
    const chunks = pieces.map((piece) => (typeof piece === 'string' ? bytes(piece) : piece))
    const replies = chunks.map((piece) => {
      if (typeof piece === 'number') vi.advanceTimersByTime(piece * 1000)
      return typeof piece === 'number' || session.finished ? '' : answer(session, [piece])
    })
    return replies.join('')
  }

  test.each<[string, (string | number)[]]>([
    ['the request line', ['G', 30, 'E', 30.1, 'T']],
    ['a field', [GET, 40, 'X', 40, ': a\r\n']],
    ['many fields', [GET, ...Array.from({ length: 61 }, () => [1, 'X: a\r\n']).flat()]],
    ['a silent client that goes on', ['GET', 3600, ' ']],
  ])('ends with 408: %s', (_, pieces) => {
    expect(dripped(...pieces)).toBe(LATE)
  })

  test('does not begin before its first byte', () => {
    const request = `${GET}\r\n`
    expect(dripped(request, 3600, 'G', 59, request.slice(1))).toBe(path('/') + path('/'))
    expect(dripped(`${request}G`, 59, `${request.slice(1)}G`, 59, 'ET')).toBe(path('/') + path('/'))
    expect(dripped(`${request}G`, 59, `${request.slice(1)}G`, 61, 'ET')).toBe(
      path('/') + path('/') + LATE,
    )
  })

  test('does not count for a head that is complete, nor for a body', () => {
    expect(dripped('GET', 61, `${GET.slice(3)}\r\n`)).toBe(path('/'))
    const head = `${POST}Content-Length: 2\r\n\r\n`
    expect(dripped(head, 61, 'h', 61, `i${GET}`, 59, '\r\n')).toBe(echo('hi') + path('/'))
  })
})
