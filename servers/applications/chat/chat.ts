/**
 * How should a chat deliver to people who are connected to different servers? Each room is a log
 * that all servers share, and each person reads it from the last message that it has seen.
 *
 *     npm run app -- chat
 *     npm run app -- chat --port 8001 --bus redis://127.0.0.1:6379      and so on with 8002
 *
 * The tutorial's chat has a queue for each person, in the memory of the one server. What is in it
 * when the server ends, or while a client is away, is lost. Here no server has anything to lose.
 */
import { readFileSync } from 'node:fs'
import type { Green } from '../../07-green-threads/gevent.ts'
import type { Application, Header, StartResponse } from '../../07-green-threads/wsgi.ts'
import { ROOT } from '../../boot/root.mjs'
import type { Address } from '../../posix/api.ts'
import { type AppOptions, serveWsgi } from '../application.ts'
import { promised } from '../promised.ts'
import { webSocket } from '../websocket/web-socket.ts'
import type { Bus } from './bus.ts'
import { MemoryBus } from './memory-bus.ts'
import { answer } from './polling.ts'
import { LONGEST_POST } from './posts.ts'
import { Rooms } from './rooms.ts'
import { talk } from './sockets.ts'

/** Serves the chat until it is stopped. */
export function* start(options: AppOptions): Green<void> {
  const bus = yield* openBus(options.bus)
  const rooms = new Rooms(bus)
  const listening = (address: Address, stop: () => void) => {
    rooms.address = urlOf(address)
    options.listening(address, () => {
      rooms.close()
      stop()
    })
  }
  yield* serveWsgi(applicationOf(bus, rooms), { ...options, listening })
  yield* rooms.end()
  bus.close()
}

// #region application
function applicationOf(bus: Bus, rooms: Rooms): Application {
  const files = pageFiles()
  return (environ, startResponse) => {
    const { PATH_INFO: path, REQUEST_METHOD: method } = environ
    const [, room, how] = /^\/rooms\/([\w-]{1,32})\/(messages|socket)$/.exec(path) ?? []
    if (room && how === 'messages') return answer({ bus, rooms }, room, environ, startResponse)
    if (room) {
      const options = { origins: rooms.servers, maxPayload: LONGEST_POST }
      const conversation = webSocket((...args) => talk({ bus, rooms }, room, ...args), options)
      return conversation(environ, startResponse)
    }
    const file = files.get(path)
    return file && method === 'GET' ? sendFile(file, startResponse) : notFound(startResponse)
  }
}
// #endregion application

/** The scheme of the URL says which bus it is. A package is loaded only for the bus that needs it. */
function* openBus(url: string | undefined): Green<Bus> {
  if (url === undefined) return new MemoryBus()
  if (!url.startsWith(WRONG)) {
    const { RedisBus } = yield* promised(import('./redis-bus.ts'))
    return yield* RedisBus.open(url)
  }
  const { PubSubBus } = yield* promised(import('./pubsub-bus.ts'))
  return yield* PubSubBus.open(url.slice(WRONG.length))
}

/** `pubsub+redis://…` is the bus that loses messages, to be tried out. */
const WRONG = 'pubsub+'

/** None if the server listens on all addresses: it can't know by which one others reach it. */
function urlOf({ address, port }: Address): string | undefined {
  if (address === '0.0.0.0' || address === '::') return undefined
  return `http://${address.includes(':') ? `[${address}]` : address}:${port}`
}

interface File {
  readonly type: string
  readonly bytes: Buffer
}

/** The page can only run its own script, whatever a name or a text may contain. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; connect-src *"

function pageFiles(): ReadonlyMap<string, File> {
  const read = (name: string) => readFileSync(new URL(`servers/applications/chat/${name}`, ROOT))
  return new Map([
    ['/', { type: 'text/html; charset=utf-8', bytes: read('page.html') }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', bytes: read('page.js') }],
  ])
}

function sendFile({ type, bytes }: File, startResponse: StartResponse): Buffer {
  const headers: Header[] = [
    ['Content-Type', type],
    ['Content-Security-Policy', POLICY],
  ]
  startResponse('200 OK', headers)
  return bytes
}

function notFound(startResponse: StartResponse): string {
  startResponse('404 Not Found', [['Content-Type', 'text/plain']])
  return 'There is no such page. The chat is at /\n'
}
