/**
 * The chat over plain HTTP. A request for messages is answered when there is something new, or after
 * 25 seconds; then the client asks again, from the last id that it has seen. The server remembers
 * nothing in between. So an answer that is lost is simply asked for once more.
 */
import { type Green, GreenletExit, hub } from '../../07-green-threads/gevent.ts'
import type { Environ, Header, StartResponse } from '../../07-green-threads/wsgi.ts'
import type { Bus } from './bus.ts'
import { append, callerOf, frameOf, LONGEST_POST, readPost } from './posts.ts'
import type { Rooms } from './rooms.ts'

/** Seconds that a request waits: proxies give up after 30 or 60. */
const PATIENCE = 25

/** Seconds for which somebody counts as there, after a request has been answered. */
const LINGER = 5

interface Shared {
  readonly bus: Bus
  readonly rooms: Rooms
}

/** Answers a request for the messages of a room, or a post to it. */
export function* answer(
  shared: Shared,
  room: string,
  environ: Environ,
  startResponse: StartResponse,
): Green<string> {
  const allowed = crossOrigin(shared.rooms, environ)
  const respond = (status: string, body: string) => {
    startResponse(status, [['Content-Type', 'application/json'], ...STORE_NOTHING, ...allowed])
    return body
  }
  if (environ.REQUEST_METHOD === 'OPTIONS') return respond('200 OK', '{}')
  const caller = callerOf(environ)
  if (!caller) return respond('400 Bad Request', problem('no name, or no id'))
  try {
    if (environ.REQUEST_METHOD === 'GET') {
      return respond('200 OK', yield* poll(shared, room, caller.name, caller.after))
    }
    if (environ.REQUEST_METHOD !== 'POST') return respond('405 Method Not Allowed', problem('no'))
    return respond(...(yield* post(shared.bus, room, caller.name, environ)))
  } catch (error) {
    if (error instanceof GreenletExit) throw error
    return respond('503 Service Unavailable', problem('the log of the room is out of reach'))
  }
}

// #region poll
function* poll({ rooms }: Shared, name: string, person: string, after?: string): Green<string> {
  const room = yield* rooms.enter(name, person)
  try {
    const news =
      after === undefined ? yield* room.backlog() : yield* room.after(after, room.changes, PATIENCE)
    return frameOf(news, room)
  } finally {
    hub.after(LINGER, () => rooms.leave(room, person))
  }
}
// #endregion poll

/**
 * The form of a page on any site may send a post here, but not one of this type: for that a browser
 * asks us first, and `crossOrigin` says no.
 */
function* post(bus: Bus, room: string, name: string, environ: Environ): Green<[string, string]> {
  if (environ.CONTENT_TYPE !== 'application/json')
    return ['415 Unsupported Media Type', problem('a post is application/json')]
  const body = yield* environ['wsgi.input'].read(LONGEST_POST + 1)
  if (body.length > LONGEST_POST) return ['413 Content Too Large', problem('the post is too long')]
  const read = readPost(body.toString())
  if (!read) return ['400 Bad Request', problem('this is no post')]
  const id = yield* append(bus, room, name, read)
  if (!id) return ['503 Service Unavailable', problem('it is not stored: send it again')]
  return ['201 Created', JSON.stringify({ ack: read.key, id })]
}

const STORE_NOTHING: readonly Header[] = [['Cache-Control', 'no-store']]

/** The pages of the other servers go on here when theirs has died; those of other sites may not. */
function crossOrigin({ servers }: Rooms, { HTTP_ORIGIN: origin }: Environ): readonly Header[] {
  if (!origin || !servers.includes(origin)) return [['Vary', 'Origin']]
  return [
    ['Vary', 'Origin'],
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Allow-Headers', 'content-type'],
    ['Access-Control-Max-Age', '600'],
  ]
}

function problem(text: string): string {
  return JSON.stringify({ problem: text })
}
