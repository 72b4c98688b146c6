/** How an application reads the body of a request, or does not. */
import { expect } from 'vitest'
import { Event, type Green, spawn, Timeout } from '../../servers/07-green-threads/gevent.ts'
import type { Application, Environ, Pieces } from '../../servers/07-green-threads/wsgi.ts'
import { MAX_BODY } from '../../servers/protocol/http-parser.ts'
import { CONTINUE, refusal } from '../protocol/http-examples.ts'
import { caught, green, watchFailures } from './green-harness.ts'
import { dial } from './green-server-spawn.ts'
import {
  answerOf,
  CLOSE_GET,
  response,
  rest,
  serving,
  TEXT,
  talk,
  until,
} from './green-wsgi-harness.ts'

/** Runs `read` in an application, on a request with this body. */
function* readingOf<Result>(
  body: string,
  read: (input: Environ['wsgi.input']) => Green<Result>,
): Green<Result> {
  let result: Result | undefined
  const chunks = body.replace(/.{1,3}/gs, (part) => `${part.length}\r\n${part}\r\n`)
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
  yield* answerOf(function* (environ, startResponse) {
    startResponse('200 OK', TEXT)
    result = yield* read(environ['wsgi.input'])
  }, `${head}${chunks}0\r\n\r\n`)
  return result as Result
}

const echo: Application = function* (environ, startResponse) {
  const body = yield* environ['wsgi.input'].read()
  startResponse('200 OK', TEXT)
  return body
}

const echoed = (body: string) =>
  response('200 OK', ['Content-Type: text/plain', `Content-Length: ${body.length}`], body)

const POST = 'POST / HTTP/1.1\r\nHost: a\r\n'
const EXPECT = `${POST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`

export function inputTests(): void {
  const seen = watchFailures()

  const LINES = 'one\ntwo\n\nthree'
  const readings: [name: string, (input: Environ['wsgi.input']) => Green<unknown>, unknown][] = [
    ['all', (input) => all(input.read(), input.read()), [LINES, '']],
    [
      'some',
      (input) => all(input.read(5), input.read(0), input.read(99)),
      ['one\nt', '', 'wo\n\nthree'],
    ],
    ['a line', (input) => all(input.readline(), input.readline(2)), ['one\n', 'tw']],
    ['lines', (input) => input.readlines(), ['one\n', 'two\n', '\n', 'three']],
    ['lines up to a hint', (input) => input.readlines(5), ['one\n', 'two\n']],
    [
      'all kinds',
      (input) => all(input.read(1), input.readline(), input.read()),
      ['o', 'ne\n', 'two\n\nthree'],
    ],
  ]
  for (const [name, read, expected] of readings) {
    green(`wsgi.input reads ${name}`, function* () {
      const found = (yield* readingOf(LINES, read)) as Buffer[]
      expect(found.map(String)).toEqual(expected)
    })
  }

  green('wsgi.input is empty, and does not wait, without a body', function* () {
    yield* serving(echo, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(CLOSE_GET + CLOSE_GET)
      yield* until(client, 'Content-Length: 0')
    })
  })

  green('100 Continue is sent when the application reads, and not before', function* () {
    const reads = new Event()
    const application: Application = function* (environ, startResponse) {
      yield* reads.wait()
      return yield* echo(environ, startResponse) as Pieces
    }
    yield* serving(application, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(EXPECT)
      const quiet = new Timeout(0.05, false)
      expect(yield* quiet.scope(() => client.recv(100))).toBe(undefined)
      reads.set()
      expect(yield* until(client, '\r\n\r\n')).toBe(CONTINUE)
      yield* client.sendall('hi')
      expect(yield* until(client, 'hi')).toBe(echoed('hi'))
    })
  })

  green('100 Continue is not sent if the body is there, or nobody reads it', function* () {
    yield* serving(echo, {}, function* (server) {
      expect(yield* talk(server, `${EXPECT}hi`)).toBe(echoed('hi'))
    })
    yield* serving(refuse, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(EXPECT)
      expect(yield* rest(client)).toBe(
        response('403 No', ['Content-Length: 2', 'Connection: close'], 'no'),
      )
    })
  })

  green('a small body that nobody reads is dropped, and the next request answered', function* () {
    const body = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(1000)
    yield* serving(refuse, {}, function* (server) {
      const no = response('403 No', ['Content-Length: 2'], 'no')
      const request = `${POST}Content-Length: ${body.length}\r\n\r\n${body}`
      expect(yield* talk(server, request.repeat(3))).toBe(no.repeat(3))
    })
  })

  green('a broken body that nobody reads costs the connection, and has no response', function* () {
    const bad = `${POST}Transfer-Encoding: chunked\r\n\r\nx\r\n${CLOSE_GET}`
    const no = response('403 No', ['Content-Length: 2'], 'no')
    expect(yield* answerOf(refuse, bad)).toBe(no)
  })

  green('a large body that nobody reads costs the connection, not the response', function* () {
    yield* serving(refuse, {}, function* (server) {
      const client = yield* dial(server)
      const sending = spawn(() =>
        caught(() =>
          client.sendall(`${POST}Content-Length: ${MAX_BODY}\r\n\r\n${'x'.repeat(MAX_BODY)}`),
        ),
      )
      expect(yield* rest(client)).toBe(response('403 No', ['Content-Length: 2'], 'no'))
      sending.kill()
    })
  })

  green('a body above maxBody is refused: a length before the application runs', function* () {
    const LARGE = refusal('413 Content Too Large', 'a body may have 4 bytes')
    const calls: string[] = []
    const application: Application = function* (environ, startResponse) {
      calls.push(environ.REQUEST_METHOD)
      return yield* echo(environ, startResponse) as Pieces
    }
    yield* serving(application, { maxBody: 4 }, function* (server) {
      expect(yield* talk(server, `${POST}Content-Length: 4\r\n\r\nfour`)).toBe(echoed('four'))
      expect(yield* talk(server, `${POST}Content-Length: 5\r\n\r\nfive!`)).toBe(LARGE)
      expect(calls).toHaveLength(1)
      const chunks = `${POST}Transfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n1\r\n!\r\n0\r\n\r\n`
      expect(yield* talk(server, chunks)).toBe(LARGE)
    })
    expect(seen.failures).toEqual([])
  })

  green('an application may catch what is wrong with the body, and answer itself', function* () {
    const application: Application = function* (environ, startResponse) {
      const read = () => environ['wsgi.input'].read()
      const error = yield* caught(read)
      expect(yield* caught(read)).toBe(error)
      startResponse('422 Bad Body', [])
      return `${error}`
    }
    const text = 'Refusal: malformed chunk size'
    const fields = [`Content-Length: ${text.length}`, 'Connection: close']
    const bad = `${POST}Transfer-Encoding: chunked\r\n\r\nx\r\n1\r\nz\r\n0\r\n\r\n${CLOSE_GET}`
    expect(yield* answerOf(application, bad)).toBe(response('422 Bad Body', fields, text))
  })

  green('a client that resets the connection in its body is no failure of ours', function* () {
    const [reads, ended] = [new Event(), new Event()]
    let thrown: unknown
    const application: Application = function* (environ) {
      reads.set()
      thrown = yield* caught(() => environ['wsgi.input'].read())
      ended.set()
      throw thrown
    }
    yield* serving(application, {}, function* (server) {
      const client = yield* dial(server)
      yield* client.sendall(`${POST}Content-Length: 3\r\n\r\nhi`)
      yield* reads.wait()
      client.detach().resetAndDestroy()
      yield* ended.wait()
    })
    expect(thrown).toMatchObject({ code: 'ECONNRESET' })
    expect(seen.failures).toEqual([])
  })

  green('a body that the client does not complete is no body', function* () {
    const incomplete = refusal('400 Bad Request', 'the request is incomplete')
    expect(yield* answerOf(echo, `${POST}Content-Length: 3\r\n\r\nhi`)).toBe(incomplete)
    expect(seen.failures).toEqual([])
  })
}

const refuse: Application = (_, startResponse) => {
  startResponse('403 No', [])
  return 'no'
}

/** The results of all, one after the other. */
function* all(...readings: Green<Buffer>[]): Green<Buffer[]> {
  const found: Buffer[] = []
  for (const reading of readings) found.push(yield* reading)
  return found
}
