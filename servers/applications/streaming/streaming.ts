/**
 * streaming: a WSGI application that yields its body piece by piece.
 *
 *     npm run app -- streaming
 *
 * Where does it wait?  At its `yield* sleep(1)`; and at each `yield` of a piece, until the client has
 *                      taken enough of those before.
 * What does it show?   Nobody knows the length of this body when it begins. So the server says
 *                      before each piece how long that one is: the chunked coding of HTTP/1.1. To a
 *                      client of HTTP/1.0 the end of the connection is the end of the body.
 * What breaks it?      An error after the first piece: the status has been sent. The server can only
 *                      cut the connection, so that half an answer does not look like a whole one.
 */
import { sleep } from '../../07-green-threads/gevent.ts'
import type { Application } from '../../07-green-threads/wsgi.ts'
import { type Start, serveWsgi } from '../application.ts'

// #region application
const application: Application = function* (_environ, startResponse) {
  startResponse('200 OK', [['Content-Type', 'text/html; charset=utf-8']])
  yield '<p>Hello\n'
  yield* sleep(1)
  yield 'World</p>\n'
}
// #endregion application

export const start: Start = (options) => serveWsgi(application, options)
