/**
 * The web server of green-threads (servers/07-green-threads/pywsgi.ts) with the smallest WSGI
 * application: it replies to any request with the path and a newline. It is compared with
 * node-http.mjs and gevent-wsgi.py. Prints `listening 127.0.0.1:PORT`.
 */
import { run } from '../../servers/07-green-threads/gevent.ts'
import { WSGIServer } from '../../servers/07-green-threads/pywsgi.ts'
import type { Application } from '../../servers/07-green-threads/wsgi.ts'

const application: Application = ({ PATH_INFO }, startResponse) => {
  startResponse('200 OK', [['Content-Type', 'text/plain']])
  return `${PATH_INFO}\n`
}

run(function* () {
  const server = new WSGIServer(['127.0.0.1', 0], application, { backlog: 1024 })
  yield* server.start()
  process.stdout.write(`listening 127.0.0.1:${server.serverPort}\n`)
  yield* server.serveForever()
})
