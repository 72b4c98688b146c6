/** Limits of time, the access log, and TLS. */
import { readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import { Event, sleep, spawn, wrapSocket } from '../../servers/07-green-threads/gevent.ts'
import { WSGIServer } from '../../servers/07-green-threads/pywsgi.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'
import { refusal } from '../protocol/http-examples.ts'
import { green, watchFailures } from './green-harness.ts'
import { closeLater, LOOPBACK } from './green-io-harness.ts'
import { dial } from './green-server-spawn.ts'
import { CLOSE_GET, GET, response, rest, serving, talk, until } from './green-wsgi-harness.ts'

const echo: Application = function* (environ, startResponse) {
  const body = yield* environ['wsgi.input'].read()
  startResponse('200 OK', [])
  return `${environ['wsgi.url_scheme']} ${body}`
}
const answered = (body: string, ...fields: string[]) =>
  response('200 OK', [`Content-Length: ${body.length}`, ...fields], body)

const POST = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'

export function limitTests(): void {
  const seen = watchFailures()

  for (const [what, opening, limits, message] of [
    ['head', 'GET / HTTP/1.1\r\n', { headTime: 0.6 }, 'a head may take 0.6 s'],
    ['body', POST.replace('9', '99'), { bodyTime: 0.6 }, 'the body took too long'],
  ] as const) {
    for (const [how, bytes] of [
      ['comes in drips', 50],
      ['stops', 1],
    ] as const) {
      green(`a ${what} that ${how} is refused after its time`, function* () {
        yield* serving(echo, { idleTime: 0.3, ...limits }, function* (server) {
          const client = yield* dial(server)
          yield* client.sendall(opening)
          const dripping = spawn(function* () {
            for (let i = 0; i < bytes; i++) {
              yield* client.sendall('x')
              yield* sleep(0.02)
            }
          })
          expect(yield* rest(client)).toBe(refusal('408 Request Timeout', message))
          expect(dripping.ready()).toBe(how === 'stops')
          dripping.kill()
        })
        expect(seen.failures).toEqual([])
      })
    }
  }

  green('a head has its time anew for each request', function* () {
    yield* serving(echo, { headTime: 1 }, function* (server) {
      const client = yield* dial(server)
      for (let i = 0; i < 3; i++) {
        yield* client.sendall(GET.slice(0, 9))
        yield* sleep(0.4)
        yield* client.sendall(GET.slice(9))
        expect(yield* until(client, 'http ')).toBe(answered('http '))
      }
    })
  })

  green('a silent client is closed without a word; one that waits for us is not', function* () {
    const slow: Application = function* (environ, startResponse) {
      yield* sleep(0.6)
      return yield* echo(environ, startResponse) as ReturnType<typeof echo> & Iterable<undefined>
    }
    yield* serving(slow, { idleTime: 0.2 }, function* (server) {
      const silent = yield* dial(server)
      const client = yield* dial(server)
      yield* client.sendall(GET)
      expect(yield* rest(silent)).toBe('')
      expect(yield* rest(client)).toBe(answered('http '))
    })
  })

  green('a client that does not take its response is given up', function* () {
    const closed = new Event()
    const endless: Application = function* (_, startResponse) {
      startResponse('200 OK', [])
      try {
        for (;;) yield noise(100_000)
      } finally {
        closed.set()
      }
    }
    yield* serving(endless, { idleTime: 0.3 }, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(GET)
      expect(yield* closed.wait(5)).toBe(true)
    })
    expect(seen.failures).toEqual([])
  })

  green('a limit is a time or a number of bytes', function* () {
    for (const limits of [{ headTime: 0 }, { idleTime: -1 }, { maxBody: 0.5 }, { bodyTime: NaN }]) {
      expect(() => new WSGIServer(LOOPBACK, echo, limits)).toThrow(RangeError)
    }
    yield* serving(echo, { maxBody: Infinity, idleTime: Infinity }, function* (server) {
      expect(yield* talk(server, `${POST}nine char`)).toBe(answered('http nine char'))
    })
  })

  green('the access log has a line for each request, also for one that fails', function* () {
    const lines: string[] = []
    const application: Application = (environ, startResponse) => {
      if (environ.PATH_INFO === '/throw') throw new Error('on purpose')
      startResponse('404 Not There', [])
      return environ.PATH_INFO === '/empty' ? '' : 'nothing'
    }
    yield* serving(application, { log: (line) => lines.push(line) }, function* (server) {
      const asked = ['/a?b', '/empty', '/throw'].map((path) => GET.replace('/', path))
      yield* talk(server, asked.join(''))
    })
    const time = String.raw`\[\d{2}/\w{3}/\d{4}:\d{2}:\d{2}:\d{2} \+0000\]`
    const ends = [
      '"GET /a?b HTTP/1.1" 404 7',
      '"GET /empty HTTP/1.1" 404 -',
      '"GET /throw HTTP/1.1" 500 -',
    ]
    expect(lines).toHaveLength(3)
    for (const [i, line] of lines.entries()) {
      expect(line).toMatch(new RegExp(String.raw`^127\.0\.0\.1 - - ${time} "\w+ .* \d\.\d{6}$`))
      expect(line).toContain(ends[i])
    }
    expect(seen.failures).toHaveLength(1)
  })

  green('with a key and a certificate it speaks TLS', function* () {
    const read = (name: string) => readFileSync(new URL(`../tls/${name}`, import.meta.url), 'utf8')
    const [key, cert] = [read('localhost.key'), read('localhost.pem')]
    yield* serving(echo, { key, cert }, function* (server) {
      const trust = { serverHostname: 'localhost', ca: cert }
      const client = closeLater(yield* wrapSocket(yield* dial(server), trust))
      yield* client.sendall(`${POST}nine char`)
      expect(yield* until(client, 'char')).toBe(answered('https nine char'))
      yield* client.sendall(CLOSE_GET)
      expect(yield* rest(client)).toBe(answered('https ', 'Connection: close'))
    })
  })
}
