/**
 * request-local: a global `request` that is another one in each green thread, as in Flask.
 *
 *     npm run app -- request-local
 *
 * Where does it wait?  At `yield* sleep(1)`, as it would for a database. Others are served meanwhile.
 * What does it show?   Functions deep inside know the request that they are called for, though
 *                      nobody passes it to them. Each answer also says what a plain global variable
 *                      would have told it: with two clients at a time, the wrong request.
 * What breaks it?      Work that is handed to another greenlet: it has no request of its own.
 */
import { type Green, local, sleep } from '../../07-green-threads/gevent.ts'
import type { Application, Environ } from '../../07-green-threads/wsgi.ts'
import { type Start, serveWsgi } from '../application.ts'

// #region request
const requests = local<{ request: Environ }>()

/** The request that the running greenlet answers: the LocalProxy of Werkzeug, which Flask uses. */
const request = new Proxy({} as Environ, {
  get: (_, name) => Reflect.get(requests.request!, name),
})
// #endregion request

/** How it must not be done: there is one for all greenlets. */
let lastRequest: Environ

// #region logic
function* logic(): Green<string> {
  yield* sleep(1)
  const right = `Hello ${request.REMOTE_ADDR}, you have asked for ${request.PATH_INFO}`
  return `${right}\nA plain variable says: ${lastRequest.PATH_INFO}\n`
}

const application: Application = function* (environ, startResponse) {
  requests.request = environ
  lastRequest = environ
  try {
    const body = yield* logic()
    startResponse('200 OK', [['Content-Type', 'text/plain; charset=utf-8']])
    return body
  } finally {
    // The next request of this connection has the same greenlet.
    delete requests.request
  }
}
// #endregion logic

export const start: Start = (options) => serveWsgi(application, options)
