/**
 * fetch: many pages fetched one after the other, and then several at a time.
 *
 *     npm run app -- fetch
 *
 * Where does it wait?  Each greenlet for the answer to its own request. The server is a greenlet
 *                      too, in the same process, and waits before each answer.
 * What does it show?   A function that fetches one page becomes a program that fetches many, and
 *                      the function stays as it is: only who calls it changes.
 * What breaks it?      Politeness: without a limit, a thousand addresses are a thousand requests
 *                      at once. A Pool in place of `spawn` is the limit.
 */
import {
  createConnection,
  type Green,
  joinall,
  Pool,
  sleep,
  spawn,
} from '../../07-green-threads/gevent.ts'
import { WSGIServer } from '../../07-green-threads/pywsgi.ts'
import type { Application } from '../../07-green-threads/wsgi.ts'
import type { Start } from '../application.ts'

const PAGES = 10
/** Seconds that the server takes for a page. */
const DELAY = 0.2

/** The requests that the server has at a time, and the most so far. */
const requests = { now: 0, most: 0 }

const clock: Application = function* (environ, startResponse) {
  requests.most = Math.max(requests.most, ++requests.now)
  yield* sleep(DELAY)
  requests.now--
  startResponse('200 OK', [['Content-Type', 'application/json']])
  return JSON.stringify({ page: environ.PATH_INFO, time: Date.now() })
}

// #region fetch
function* fetch(url: URL): Green<{ page: string; time: number }> {
  const socket = yield* createConnection([url.hostname, Number(url.port)])
  try {
    yield* socket.sendall(`GET ${url.pathname} HTTP/1.0\r\nHost: ${url.host}\r\n\r\n`)
    // In HTTP/1.0 the end of the connection is the end of the answer.
    const answer = yield* socket.makefile().read()
    const [head = '', body = ''] = answer.toString().split('\r\n\r\n')
    if (!/^HTTP\/1.[01] 200 /.test(head)) throw new Error(`${url}: ${head.split('\r\n')[0]}`)
    return JSON.parse(body)
  } finally {
    socket.close()
  }
}
// #endregion fetch

// #region ways
function* oneByOne(urls: readonly URL[]): Green<void> {
  for (const url of urls) yield* fetch(url)
}

function* fourAtATime(urls: readonly URL[]): Green<void> {
  yield* new Pool(4).map(fetch, urls)
}

function* allAtOnce(urls: readonly URL[]): Green<void> {
  const fetching = urls.map((url) => spawn(fetch, url))
  yield* joinall(fetching, null, true)
}
// #endregion ways

export const start: Start = function* () {
  const server = new WSGIServer(['127.0.0.1', 0], clock)
  yield* server.start()
  const base = `http://127.0.0.1:${server.serverPort}`
  const urls = Array.from({ length: PAGES }, (_, i) => new URL(`/${i}`, base))
  console.log(`${PAGES} pages, for each of which the server takes ${DELAY} s`)
  for (const way of [oneByOne, fourAtATime, allAtOnce]) {
    requests.most = 0
    const begun = performance.now()
    yield* way(urls)
    const seconds = (performance.now() - begun) / 1000
    const most = `requests at a time: ${requests.most}`
    console.log(`${way.name.padEnd(11)} ${seconds.toFixed(2)} s, ${most}`)
  }
  yield* server.stop()
}
