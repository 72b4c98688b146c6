/** What an application is told of a request. */
import { expect } from 'vitest'
import type { Green } from '../../servers/07-green-threads/gevent.ts'
import type { Application, Environ } from '../../servers/07-green-threads/wsgi.ts'
import { green } from './green-harness.ts'
import { dial } from './green-server-spawn.ts'
import { answerOf, CLOSE_GET, response, rest, serving, TEXT, talk } from './green-wsgi-harness.ts'

/** The environ of a request, and the body that the application has read. */
function* environOf(text: string): Green<Environ> {
  let seen: Environ | undefined
  yield* answerOf((environ, startResponse) => {
    seen = environ
    startResponse('200 OK', TEXT)
  }, text)
  if (!seen) throw new Error(`the application was not called for ${text}`)
  return seen
}

export function requestTests(): void {
  green('environ has what CGI and PEP 3333 ask for, under their names', function* () {
    yield* serving(
      function* (environ, startResponse) {
        const { 'wsgi.input': input, 'wsgi.errors': errors, ...others } = environ
        startResponse('200 OK', TEXT)
        const calls = [input.read, input.readline, input.readlines, errors.write, errors.flush]
        expect(calls.map((call) => typeof call)).toEqual(Array(5).fill('function'))
        return JSON.stringify([others, (yield* input.read()).toString()])
      },
      {},
      function* (server) {
        const client = yield* dial(server)
        const fields = 'Content-Type: x/y\r\nContent-Length: 2\r\nConnection: close\r\n'
        yield* client.sendall(`PUT /a/b%20c;d?e=%20f HTTP/1.1\r\nHost: a:1\r\n${fields}\r\nhi`)
        const { port } = client.getsockname()
        const [, body = ''] = (yield* rest(client)).split('\r\n\r\n')
        expect(JSON.parse(body)).toEqual([
          {
            REQUEST_METHOD: 'PUT',
            SCRIPT_NAME: '',
            PATH_INFO: '/a/b c;d',
            QUERY_STRING: 'e=%20f',
            REQUEST_URI: '/a/b%20c;d?e=%20f',
            CONTENT_TYPE: 'x/y',
            CONTENT_LENGTH: '2',
            SERVER_NAME: '127.0.0.1',
            SERVER_PORT: String(server.serverPort),
            SERVER_PROTOCOL: 'HTTP/1.1',
            SERVER_SOFTWARE: 'echo-architectures',
            GATEWAY_INTERFACE: 'CGI/1.1',
            REMOTE_ADDR: '127.0.0.1',
            REMOTE_PORT: String(port),
            HTTP_HOST: 'a:1',
            HTTP_CONNECTION: 'close',
            'wsgi.version': [1, 0],
            'wsgi.url_scheme': 'http',
            'wsgi.input_terminated': true,
            'wsgi.multithread': false,
            'wsgi.multiprocess': false,
            'wsgi.run_once': false,
          },
          'hi',
        ])
      },
    )
  })

  const paths: [target: string, path: string, query: string][] = [
    ['/', '/', ''],
    ['/?', '/', ''],
    ['/a?b?c', '/a', 'b?c'],
    ['/%C3%A4%2f%E2%82%AC', '/ä/€', ''],
    ['/%ff%41', '/\ufffdA', ''],
    ['http://b/c?d', '/c', 'd'],
  ]
  for (const [target, path, query] of paths) {
    green(`the path of ${target} is ${path}`, function* () {
      const environ = yield* environOf(`GET ${target} HTTP/1.0\r\n\r\n`)
      expect([environ.PATH_INFO, environ.QUERY_STRING]).toEqual([path, query])
      expect('CONTENT_LENGTH' in environ || 'CONTENT_TYPE' in environ).toBe(false)
      expect(environ.SERVER_PROTOCOL).toBe('HTTP/1.0')
    })
  }

  green('OPTIONS * has no path', function* () {
    const environ = yield* environOf('OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n')
    expect([environ.PATH_INFO, environ.REQUEST_URI]).toEqual(['', '*'])
  })

  green('fields are joined; a name with an underscore can pass for no other', function* () {
    const fields = [
      'X-A: 1',
      'x-a: 2',
      'Cookie: a=b',
      'cookie: c=d',
      'X_A: 3',
      'X__B: 4',
      'x.Y: \xe4',
    ]
    const environ = yield* environOf(`GET / HTTP/1.0\r\n${fields.join('\r\n')}\r\n\r\n`)
    const found = Object.entries(environ).filter(([name]) => name.startsWith('HTTP_'))
    expect(Object.fromEntries(found)).toEqual({
      HTTP_X_A: '1, 2',
      HTTP_COOKIE: 'a=b; c=d',
      'HTTP_X.Y': '\xe4',
    })
  })

  green('each request has an environ of its own, which may be changed', function* () {
    const application: Application = (environ, startResponse) => {
      environ['my.count'] = Number(environ['my.count'] ?? 0) + 1
      environ.SCRIPT_NAME += '/x'
      startResponse('200 OK', [])
      return `${environ['my.count']}${environ.SCRIPT_NAME}`
    }
    const fields = ['Content-Length: 3']
    yield* serving(application, {}, function* (server) {
      const answer = yield* talk(server, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(2))
      expect(answer).toBe(response('200 OK', fields, '1/x').repeat(2))
    })
  })

  green('wsgi.errors goes to errorLog', function* () {
    const texts: string[] = []
    const application: Application = (environ, startResponse) => {
      environ['wsgi.errors'].write('one')
      environ['wsgi.errors'].writelines(['two', 'three'])
      environ['wsgi.errors'].flush()
      startResponse('200 OK', [])
    }
    const errorLog = (text: string) => texts.push(text)
    yield* serving(application, { errorLog }, function* (server) {
      yield* talk(server, CLOSE_GET)
    })
    expect(texts).toEqual(['one', 'two', 'three'])
  })
}
