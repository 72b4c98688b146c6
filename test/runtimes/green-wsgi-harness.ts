/** WSGI servers to test with, and clients that see every byte. */
import { expect } from 'vitest'
import {
  Event,
  type Green,
  type GreenSocket,
  SHUT_WR,
} from '../../servers/07-green-threads/gevent.ts'
import { WSGIServer, type WSGIServerOptions } from '../../servers/07-green-threads/pywsgi.ts'
import type { Application, Header } from '../../servers/07-green-threads/wsgi.ts'
import { masked } from '../protocol/http-examples.ts'
import { LOOPBACK, recvAll } from './green-io-harness.ts'
import { dial } from './green-server-spawn.ts'

export const TEXT: readonly Header[] = [['Content-Type', 'text/plain']]
export const CLOSE_GET = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
export const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

/** Starts a server, runs `body` with it, and stops it. */
export function* serving(
  application: Application,
  options: WSGIServerOptions,
  body: (server: WSGIServer) => Green<void>,
): Green<void> {
  const server = new WSGIServer(LOOPBACK, application, { spawn: 10, ...options })
  yield* server.start()
  try {
    yield* body(server)
  } finally {
    yield* server.stop(0)
  }
}

/** All that a client gets that sends `text` and its FIN; one character for each byte. */
export function* talk(server: WSGIServer, text: string): Green<string> {
  const client = yield* dial(server)
  yield* client.sendall(Buffer.from(text, 'latin1'))
  yield* client.shutdown(SHUT_WR)
  return yield* rest(client)
}

/** What still comes, up to the FIN. The dates are masked. */
export function* rest(client: GreenSocket): Green<string> {
  return masked((yield* recvAll(client)).toString('latin1'))
}

/** Reads until `text` has come. */
export function* until(client: GreenSocket, text: string): Green<string> {
  let seen = ''
  while (!seen.includes(text)) {
    const chunk = yield* client.recv(65536)
    if (chunk.length === 0) throw new Error(`the stream ended after ${JSON.stringify(seen)}`)
    seen += chunk.toString('latin1')
  }
  return masked(seen)
}

/** What a server answers to `text`, whose application is this one. */
export function* answerOf(application: Application, text = CLOSE_GET): Green<string> {
  let answer = ''
  yield* serving(application, {}, function* (server) {
    answer = yield* talk(server, text)
  })
  return answer
}

/** Stops a server, at once or not, whose application has reached its wait. */
export function* stopped(application: Application, timeout: number, begun = ''): Green<string> {
  const called = new Event()
  const watched: Application = (environ, startResponse) => {
    called.set()
    return application(environ, startResponse)
  }
  const server = new WSGIServer(LOOPBACK, watched, { spawn: 10 })
  yield* server.start()
  const client = yield* dial(server)
  yield* client.sendall(GET + GET)
  yield* called.wait()
  const before = begun && (yield* until(client, begun))
  yield* server.stop(timeout)
  return before + (yield* rest(client))
}

/** A response with these field lines, after the date. */
export function response(status: string, fields: readonly string[], body = ''): string {
  const lines = fields.map((line) => `${line}\r\n`).join('')
  return `HTTP/1.1 ${status}\r\nDate: *\r\n${lines}\r\n${body}`
}

/** What the simplest applications here answer. */
export const HELLO = response('200 OK', ['Content-Length: 5'], 'hello')

/** The head and the pieces of a chunked response that is complete. */
export function unchunked(text: string): { head: string; pieces: string[] } {
  const start = text.indexOf('\r\n\r\n') + 4
  const pieces: string[] = []
  for (let at = start; ; ) {
    const line = text.indexOf('\r\n', at)
    const size = Number.parseInt(text.slice(at, line), 16)
    const piece = text.slice(line + 2, line + 2 + size)
    expect(text.slice(line + 2 + size, line + 4 + size)).toBe('\r\n')
    at = line + 4 + size
    if (size > 0) pieces.push(piece)
    else if (at === text.length) return { head: text.slice(0, start), pieces }
    else throw new Error('there is more after the last chunk')
  }
}
