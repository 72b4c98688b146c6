/** How a request, a connection and a server end: orderly, too late, or in the middle. */
import { expect } from 'vitest'
import { Event, sleep, spawn } from '../../servers/07-green-threads/gevent.ts'
import { WSGIServer } from '../../servers/07-green-threads/pywsgi.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'
import { refusal } from '../protocol/http-examples.ts'
import { green, untilKilled, watchFailures } from './green-harness.ts'
import { LOOPBACK } from './green-io-harness.ts'
import { dial } from './green-server-spawn.ts'
import {
  answerOf,
  CLOSE_GET,
  GET,
  HELLO,
  response,
  rest,
  serving,
  stopped,
  talk,
  unchunked,
  until,
} from './green-wsgi-harness.ts'

const hello: Application = (_, startResponse) => {
  startResponse('200 OK', [])
  return 'hello'
}
const LAST_HELLO = response('200 OK', ['Content-Length: 5', 'Connection: close'], 'hello')

export function endTests(): void {
  const seen = watchFailures()

  green('requests that come together are answered in their order', function* () {
    const application: Application = function* ({ PATH_INFO }, startResponse) {
      yield* sleep(PATH_INFO === '/first' ? 0.02 : 0)
      startResponse('200 OK', [])
      return PATH_INFO
    }
    const paths = ['/first', '/second', '/third']
    const asked = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join('')
    const answers = paths.map((path) =>
      response('200 OK', [`Content-Length: ${path.length}`], path),
    )
    expect(yield* answerOf(application, asked)).toBe(answers.join(''))
  })

  green('each connection waits for itself; with a pool of one the second waits', function* () {
    const [go, called] = [new Event(), new Event()]
    const application: Application = function* ({ PATH_INFO }, startResponse) {
      called.set()
      if (PATH_INFO === '/slow') yield* go.wait()
      startResponse('200 OK', [])
      return 'hello'
    }
    const slow = CLOSE_GET.replace('/', '/slow')
    yield* serving(application, {}, function* (server) {
      const first = spawn(() => talk(server, slow))
      expect(yield* talk(server, CLOSE_GET)).toBe(LAST_HELLO)
      go.set()
      expect(yield* first.get()).toBe(LAST_HELLO)
    })
    for (const event of [go, called]) event.clear()
    yield* serving(application, { spawn: 1 }, function* (server) {
      const first = spawn(() => talk(server, slow))
      yield* called.wait()
      const second = spawn(() => talk(server, CLOSE_GET))
      expect(yield* second.join(0.05)).toBe(false)
      go.set()
      expect([yield* first.get(), yield* second.get()]).toEqual([LAST_HELLO, LAST_HELLO])
    })
  })

  green('stop: a connection that waits for a request ends at once', function* () {
    const server = new WSGIServer(LOOPBACK, hello, { spawn: 10 })
    yield* server.start()
    const clients = [yield* dial(server), yield* dial(server)]
    for (const client of clients) {
      yield* client.sendall(GET)
      expect(yield* until(client, 'hello')).toBe(HELLO)
    }
    // The second has begun another request.
    yield* clients[1]!.sendall('GET / HT')
    yield* sleep(0.01)
    expect(yield* spawn(() => server.stop(1000)).join(5)).toBe(true)
    for (const client of clients) expect(yield* rest(client)).toBe('')
    yield* server.start()
    expect(yield* talk(server, GET)).toBe(HELLO)
    yield* server.stop(0)
  })

  green('stop: a request that is being answered may end, and no other begins', function* () {
    const answer = yield* stopped(function* (_, startResponse) {
      yield* sleep(0.05)
      startResponse('200 OK', [])
      return 'hello'
    }, 5)
    expect(answer).toBe(LAST_HELLO)
  })

  green('stop: after its time a request is killed, and the client told so', function* () {
    let end = ''
    const answer = yield* stopped(function* () {
      try {
        yield* sleep(1000)
      } catch (error) {
        end = String(error)
        throw error
      }
    }, 0.01)
    expect(answer).toBe(refusal('503 Service Unavailable', 'the server stops'))
    expect(end).toContain('the server stops')
    expect(seen.failures).toEqual([])
  })

  green('stop: a response that is killed in the middle does not look whole', function* () {
    const streaming: Application = function* (_, startResponse) {
      startResponse('200 OK', [])
      yield 'half'
      yield* sleep(1000)
    }
    expect(yield* stopped(streaming, 0, 'half')).toMatch(/\r\n4\r\nhalf\r\n$/)
    expect(seen.failures).toEqual([])
  })

  green('stop: an application may take a kill as a wish, and end its response', function* () {
    const polite: Application = function* (_, startResponse) {
      startResponse('200 OK', [])
      yield 'half, '
      return yield* untilKilled()
    }
    const { pieces } = unchunked(yield* stopped(polite, 0, 'half'))
    expect(pieces).toEqual(['half, ', 'killed'])
  })

  green('a server whose connections run in the hub is refused: they wait', function* () {
    expect(() => new WSGIServer(LOOPBACK, hello, { spawn: 'none' })).toThrow(TypeError)
    yield* sleep(0)
  })
}
