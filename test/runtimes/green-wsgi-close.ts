/** A body is told when its request is over, however that happened. */
import { expect } from 'vitest'
import { Event, type Green, sleep } from '../../servers/07-green-threads/gevent.ts'
import type { Application, Body, Piece, Pieces } from '../../servers/07-green-threads/wsgi.ts'
import { green, watchFailures } from './green-harness.ts'
import { dial } from './green-server-spawn.ts'
import { answerOf, CLOSE_GET, GET, HELLO, serving, TEXT, until } from './green-wsgi-harness.ts'

/** How a body says that it has been closed; the pieces are those of a response of 2 bytes. */
const BODIES: readonly (readonly [kind: string, (closed: () => void) => Body | Pieces])[] = [
  [
    'the finally of a generator',
    function* (closed): Pieces {
      try {
        yield 'a'
        yield 'b'
      } finally {
        closed()
      }
    },
  ],
  [
    'the return of an iterator',
    (closed) => {
      const pieces = ['a', 'b']
      // At its end an iterator closes itself.
      const next = (): IteratorResult<Piece> => {
        const value = pieces.shift()
        if (value === undefined) closed()
        return value === undefined ? { done: true, value } : { done: false, value }
      }
      const finish = (): IteratorResult<Piece> => {
        closed()
        return { done: true, value: undefined }
      }
      return { [Symbol.iterator]: () => ({ next, return: finish }) }
    },
  ],
  ['close', (closed) => ({ [Symbol.iterator]: () => ['a', 'b'].values(), close: closed })],
  ['close of an array', (closed) => Object.assign(['ab'], { close: closed })],
  [
    'a close that waits',
    (closed) => ({
      [Symbol.iterator]: () => ['a', 'b'].values(),
      *close(): Green<void> {
        yield* sleep(0)
        closed()
      },
    }),
  ],
]

/** Ways in which a request may end, each with what the client sends, and the status. */
const WAYS: readonly (readonly [way: string, status: string, length: string, sent: string])[] = [
  ['it was sent', '200 OK', '2', CLOSE_GET],
  ['only the head is sent', '200 OK', '2', CLOSE_GET.replace('GET', 'HEAD')],
  ['it is too long', '200 OK', '1', CLOSE_GET],
  ['it is too short', '200 OK', '3', CLOSE_GET],
  ['it must not be sent', '304 Not Modified', '2', CLOSE_GET],
]

export function closeTests(): void {
  const seen = watchFailures()

  for (const [kind, body] of BODIES) {
    for (const [way, status, length, sent] of WAYS) {
      green(`${kind} is called once, after ${way}`, function* () {
        let closings = 0
        yield* answerOf((_, startResponse) => {
          startResponse(status, [['Content-Length', length]])
          return body(() => closings++)
        }, sent)
        expect(closings).toBe(1)
      })
    }
  }

  green('a body is closed when its client has gone, and nothing is reported', function* () {
    const closed = new Event()
    function* application(_: unknown, startResponse: Parameters<Application>[1]): Pieces {
      startResponse('200 OK', TEXT)
      try {
        for (;;) yield 'x'.repeat(10_000)
      } finally {
        closed.set()
      }
    }
    yield* serving(application, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(GET)
      yield* until(client, 'xxx')
      yield* client.abort()
      expect(yield* closed.wait(5)).toBe(true)
    })
    expect(seen.failures).toEqual([])
  })

  green(
    'a close that throws is reported; the response was whole, and another follows',
    function* () {
      const application: Application = (_, startResponse) => {
        startResponse('200 OK', [])
        const close = () => {
          throw new Error('in close')
        }
        return Object.assign(['hello'], { close })
      }
      expect(yield* answerOf(application, GET + GET)).toBe(HELLO + HELLO)
      expect(seen.failures.map(String)).toEqual(Array(2).fill('Error: in close'))
    },
  )
}
