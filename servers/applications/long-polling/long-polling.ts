/**
 * long-polling: a producer, and any number of clients that wait for its next item.
 *
 *     npm run app -- long-polling
 *
 * Where does it wait?  Each request in the greenlet of its connection, for the Event of news.
 * What does it show?   A server that tells its clients something, though only clients can ask: the
 *                      answer comes when there is one. Each client gets each item once, since it
 *                      says which one it has already, and the last hundred are kept.
 * What breaks it?      A connection for each client that waits: some kilobytes and a descriptor.
 */
import { readFileSync } from 'node:fs'
import { Event, type Green, sleep, spawn } from '../../07-green-threads/gevent.ts'
import type { Application } from '../../07-green-threads/wsgi.ts'
import { ROOT } from '../../boot/root.mjs'
import { type Start, serve } from '../application.ts'
import { WatchfulServer } from '../watchful-server.ts'

const read = (name: string) =>
  readFileSync(new URL(`servers/applications/long-polling/${name}`, ROOT), 'utf8')

const FILES: Record<string, { type: string; text: string }> = {
  '/': { type: 'text/html; charset=utf-8', text: read('page.html') },
  '/page.js': { type: 'text/javascript; charset=utf-8', text: read('page.js') },
}

/** Items that are kept for clients that have missed them. */
const KEPT = 100
/** Seconds until a client gets an empty answer: proxies cut connections that are silent longer. */
const PATIENCE = 20

interface Item {
  /** Counts up from 1. */
  readonly id: number
  readonly text: string
  /** How many clients were waiting for it. */
  readonly waited: number
}

const items: Item[] = []
const news = new Event()
let waiting = 0

function* producer(): Green<void> {
  for (let id = 1; ; id++) {
    items.push({ id, text: new Date().toISOString(), waited: waiting })
    if (items.length > KEPT) items.shift()
    // #region news
    // All that wait now go on; those that come later wait for the next item.
    news.set()
    news.clear()
    // #endregion news
    yield* sleep(1)
  }
}

// #region items
/** The items after the one with the number `last`. If there are none, waits for them, but not long. */
function* itemsAfter(last: number): Green<readonly Item[]> {
  waiting++
  try {
    if (!items.some(({ id }) => id > last)) yield* news.wait(PATIENCE)
    return items.filter(({ id }) => id > last)
  } finally {
    // Also when the client has left: its greenlet is killed at its wait.
    waiting--
  }
}
// #endregion items

/** The number that the client says. One that is too high is from before a restart of the server. */
function lastOf(query: string): number {
  const last = Number(new URLSearchParams(query).get('after'))
  return last <= (items.at(-1)?.id ?? 0) ? last : 0
}

const application: Application = function* ({ PATH_INFO, QUERY_STRING }, startResponse) {
  const file = FILES[PATH_INFO]
  if (file) {
    startResponse('200 OK', [['Content-Type', file.type]])
    return file.text
  }
  if (PATH_INFO !== '/items') {
    startResponse('404 Not Found', [['Content-Type', 'text/plain']])
    return 'Not found\n'
  }
  const found = yield* itemsAfter(lastOf(QUERY_STRING))
  startResponse('200 OK', [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
  ])
  return `${JSON.stringify(found)}\n`
}

export const start: Start = function* (options) {
  spawn(producer)
  yield* serve(new WatchfulServer(application, options), options)
}
