/** How a response is framed, for each kind of body that an application may return. */
import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import { Event, type Green, sleep, spawn } from '../../servers/07-green-threads/gevent.ts'
import type { Application, Body, Piece, Pieces } from '../../servers/07-green-threads/wsgi.ts'
import { green, watchFailures } from './green-harness.ts'
import { dial } from './green-server-spawn.ts'
import {
  answerOf,
  CLOSE_GET,
  GET,
  response,
  rest,
  serving,
  TEXT,
  talk,
  unchunked,
  until,
} from './green-wsgi-harness.ts'

const TYPE = 'Content-Type: text/plain'
const CLOSE = 'Connection: close'

const returning =
  (body: () => Body | Pieces | undefined, status = '200 OK'): Application =>
  (_, startResponse) => {
    startResponse(status, TEXT)
    return body()
  }

function* pieces(...all: (Piece | undefined)[]): Pieces {
  for (const each of all) yield each
}

/** Those of which the server knows the whole before it sends anything. */
const KNOWN: readonly (readonly [kind: string, Application, body: string])[] = [
  ['text', returning(() => 'h\xe4'), 'h\xc3\xa4'],
  ['no text', returning(() => ''), ''],
  ['bytes', returning(() => Buffer.of(0, 255)), '\0\xff'],
  ['an array of one', returning(() => ['one']), 'one'],
  ['an empty array', returning(() => []), ''],
  ['nothing', returning(() => undefined), ''],
  ['a generator that yields nothing', returning(() => pieces('', Buffer.alloc(0))), ''],
  [
    'a generator that waits, and returns text',
    function* (_, startResponse) {
      yield* sleep(0)
      startResponse('200 OK', TEXT)
      yield ''
      return 'two'
    },
    'two',
  ],
]

const UNKNOWN: readonly (readonly [kind: string, Application, pieces: string[]])[] = [
  ['an array of several', returning(() => ['a', '', Buffer.from('b')]), ['a', 'b']],
  ['a set', returning(() => new Set(['a', 'b'])), ['a', 'b']],
  ['a generator', returning(() => pieces('a', '', 'b')), ['a', 'b']],
  [
    'a generator, with the rest returned',
    function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      yield 'a'
      yield* sleep(0)
      return pieces('b', 'c')
    },
    ['a', 'b', 'c'],
  ],
  [
    'pieces that are written',
    function* (_, startResponse) {
      const write = startResponse('200 OK', TEXT)
      yield* write('a')
      yield* write(Buffer.from('b'))
      return 'c'
    },
    ['a', 'b', 'c'],
  ],
]

export function responseTests(): void {
  const seen = watchFailures()

  for (const [kind, application, body] of KNOWN) {
    green(`the length is sent of ${kind}`, function* () {
      const length = `Content-Length: ${body.length}`
      expect(yield* answerOf(application)).toBe(response('200 OK', [TYPE, length, CLOSE], body))
      expect(seen.failures).toEqual([])
    })
  }

  for (const [kind, application, expected] of UNKNOWN) {
    green(`${kind}: chunks for HTTP/1.1, the end of the connection for 1.0`, function* () {
      yield* serving(application, {}, function* (server) {
        const { head, pieces } = unchunked(yield* talk(server, GET))
        expect(head).toBe(response('200 OK', [TYPE, 'Transfer-Encoding: chunked']))
        expect(pieces).toEqual(expected)
        const older = yield* talk(server, 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
        expect(older).toBe(response('200 OK', [TYPE, CLOSE], expected.join('')))
      })
    })
  }

  green('a length that the application knows is enough for pieces', function* () {
    const application: Application = function* (_, startResponse) {
      startResponse('200 OK', [['content-length', '3']])
      yield 'a'
      yield 'bc'
    }
    const keep = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
    yield* serving(application, {}, function* (server) {
      const one = response('200 OK', ['content-length: 3', 'Connection: keep-alive'], 'abc')
      expect(yield* talk(server, keep.repeat(2))).toBe(one.repeat(2))
    })
  })

  for (const status of ['204 No Content', '304 Not Modified']) {
    green(`${status} has neither body nor length, and the connection goes on`, function* () {
      yield* serving(
        returning(() => pieces(''), status),
        {},
        function* (server) {
          expect(yield* talk(server, GET.repeat(2))).toBe(response(status, [TYPE]).repeat(2))
        },
      )
    })
  }

  const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n'
  green('HEAD has the head of GET alone, and the connection goes on', function* () {
    const heads: [Application, string[]][] = [
      [returning(() => 'four'), ['Content-Length: 4']],
      [returning(() => pieces('a', 'b')), []],
      // Perhaps it knows that nobody wants a body: 0 would be wrong.
      [returning(() => ''), []],
    ]
    for (const [application, fields] of heads) {
      yield* serving(application, {}, function* (server) {
        const answer = yield* talk(server, HEAD + HEAD)
        expect(answer).toBe(response('200 OK', [TYPE, ...fields]).repeat(2))
      })
    }
  })

  green('HEAD ends a body that never ends', function* () {
    let ended = 0
    function* endless(): Pieces {
      try {
        for (;;) yield 'x'
      } finally {
        ended++
      }
    }
    yield* answerOf(returning(endless), HEAD)
    yield* answerOf(
      returning(() => ({ [Symbol.iterator]: endless }) as Iterable<Piece>),
      HEAD,
    )
    expect(ended).toBe(2)
  })

  green('a piece is sent at once, and an empty one does not begin the response', function* () {
    const [empty, first] = [new Event(), new Event()]
    const application: Application = function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      yield ''
      yield* empty.wait()
      startResponse('201 Created', TEXT, new Error('another status'))
      yield 'one'
      yield* first.wait()
      yield 'two'
    }
    yield* serving(application, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(CLOSE_GET)
      empty.set()
      expect(yield* until(client, 'one')).toMatch(
        /^HTTP\/1.1 201 Created\r\n(?:.+\r\n)+\r\n3\r\none\r\n$/,
      )
      first.set()
      expect(yield* rest(client)).toBe('3\r\ntwo\r\n0\r\n\r\n')
    })
  })

  green('a thousand chunks come back byte by byte, while more are sent', function* () {
    const echo: Application = function* (environ, startResponse) {
      startResponse('200 OK', [])
      const input = environ['wsgi.input']
      for (let line = yield* input.readline(); line.length > 0; line = yield* input.readline()) {
        yield line
      }
    }
    const sizes = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 3000)
    const lines = sizes.map((size) => `${noise(size).toString('base64')}\n`)
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
    const sent = lines.map((line) => `${line.length.toString(16)};x=y\r\n${line}\r\n`)
    const limits = { maxBody: 2 ** 22 }
    yield* serving(echo, limits, function* (server) {
      const client = yield* dial(server)
      spawn(() => client.sendall(`${head}${sent.join('')}0\r\n\r\n${CLOSE_GET}`))
      const [echoed = '', next] = (yield* rest(client)).split(/(?<=\r\n0\r\n\r\n)/)
      const { pieces } = unchunked(echoed)
      expect(next).toBe(response('200 OK', ['Content-Length: 0', 'Connection: close']))
      expect(pieces.length).toBe(1000)
      expect(pieces.every((piece, i) => piece === lines[i])).toBe(true)
    })
  })

  green('large pieces come whole, and a slow client holds the application up', function* () {
    const large = noise(300_000).toString('base64')
    let yielded = 0
    const application: Application = function* (_, startResponse) {
      startResponse('200 OK', TEXT)
      for (; yielded < 40; yielded++) yield yielded % 2 ? large : Buffer.from(large)
    }
    yield* serving(application, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(CLOSE_GET)
      yield* waitStill(() => yielded)
      expect(yielded).toBeLessThan(40)
      const { pieces } = unchunked(yield* rest(client))
      expect(pieces).toHaveLength(40)
      expect(pieces.every((piece) => piece === large)).toBe(true)
    })
  })
}

/** Waits until `count` has stopped growing. */
function* waitStill(count: () => number): Green<void> {
  for (let before = -1; before !== count(); ) {
    before = count()
    yield* sleep(0.05)
  }
}
