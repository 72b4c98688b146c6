/**
 * The WebSocket server of the gevent tutorial: twice a second it sends two numbers to each client,
 * and the page at / draws them. At /echo each message is sent back.
 *
 * Where does it wait?                   In `send`, in `receive`, and in `sleep`.
 * Who calls whom?                       The WSGI server calls the application, once for a WebSocket.
 * Where does a connection's state live? In the local variables of the function that talks to it.
 * What breaks it?                       A loop that only sends, if nothing receives beside it.
 */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type Green, sleep, spawn } from '../../07-green-threads/gevent.ts'
import type { Application } from '../../07-green-threads/wsgi.ts'
import { ROOT } from '../../boot/root.mjs'
import { type Start, serveWsgi } from '../application.ts'
import { type GreenWebSocket, webSocket } from './web-socket.ts'

// #region numbers
function* sendNumbers(socket: GreenWebSocket): Green<void> {
  spawn(() => ignore(socket))
  for (let x = 0; ; x++) {
    yield* socket.send(JSON.stringify({ x, y: randomInt(1, 6) }))
    yield* sleep(0.5)
  }
}

/** Takes what the client says, and drops it: the close frame that ends it all comes last. */
function* ignore(socket: GreenWebSocket): Green<void> {
  while ((yield* socket.receive()) !== undefined);
}
// #endregion numbers

function* echo(socket: GreenWebSocket): Green<void> {
  for (;;) {
    const message = yield* socket.receive()
    if (message === undefined) return
    yield* socket.send(message)
  }
}

/** Read at the start: a file that is missing stops the program, and not a request. */
function file(name: string, type: string): Application {
  const text = readFileSync(new URL(`servers/applications/websocket/${name}`, ROOT))
  return (_environ, startResponse) => {
    startResponse('200 OK', [
      ['Content-Type', `${type}; charset=utf-8`],
      ['X-Content-Type-Options', 'nosniff'],
    ])
    return text
  }
}

function notFound(...[environ, startResponse]: Parameters<Application>): string {
  startResponse('404 Not Found', [['Content-Type', 'text/plain; charset=utf-8']])
  return `There is no ${environ.PATH_INFO} here. Try /\n`
}

/** Closing time comes at once, without the grace of a request: a WebSocket has no end of its own. */
export const start: Start = (options) => {
  const routes = new Map<string, Application>([
    ['/', file('page.html', 'text/html')],
    ['/page.js', file('page.js', 'text/javascript')],
    ['/numbers', webSocket(sendNumbers)],
    ['/echo', webSocket(echo)],
  ])
  const application: Application = (environ, startResponse) =>
    (routes.get(environ.PATH_INFO) ?? notFound)(environ, startResponse)
  return serveWsgi(application, { ...options, grace: 0 })
}
