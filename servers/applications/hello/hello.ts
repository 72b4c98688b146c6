/**
 * hello: a WSGI application with one piece of text as its body.
 *
 *     npm run app -- hello
 *
 * Where does it wait?  Nowhere: the server waits, for the request and for the client to take the
 *                      answer.
 * What does it show?   The whole of WSGI: the server calls a function with what it knows of the
 *                      request, the function starts the answer, and it returns the body. Since all
 *                      of the body is there, the server can say how long it is.
 * What breaks it?      A body made for long without a wait: no other client is served meanwhile.
 */
import type { Application } from '../../07-green-threads/wsgi.ts'
import { type Start, serveWsgi } from '../application.ts'

// #region application
const application: Application = (_environ, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/html; charset=utf-8']])
  return ['<p>Hello World</p>\n']
}
// #endregion application

export const start: Start = (options) => serveWsgi(application, options)
