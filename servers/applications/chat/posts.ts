/** What may a client send, and what is it told? The same over WebSocket and over long polling. */
import { type Green, GreenletExit } from '../../07-green-threads/gevent.ts'
import type { Environ } from '../../07-green-threads/wsgi.ts'
import type { Bus } from './bus.ts'
import type { News, Room } from './room.ts'

/** Longest name and longest text, in characters, and the longest post, in bytes. */
const NAME = 32
const TEXT = 2000
export const LONGEST_POST = 16_384

/** Names that are shown. A list of a thousand would be longer than most conversations. */
const SHOWN = 50

/** A text, and a key that the client has made: it may repeat the post, and is answered the same. */
export interface Post {
  readonly text: string
  readonly key: string
}

/** Who asks, and the last id that it has seen: undefined if it is new. */
export interface Caller {
  readonly name: string
  readonly after: string | undefined
}

/** Undefined if the request doesn't say it rightly. */
export function callerOf({ QUERY_STRING: query }: Environ): Caller | undefined {
  const fields = new URLSearchParams(query)
  const name = (fields.get('name') ?? '').trim()
  const after = fields.get('after') ?? undefined
  const isName = name !== '' && name.length <= NAME && !/\p{Cc}/u.test(name)
  const isId = after === undefined || /^\d{1,15}-\d{1,15}$/.test(after)
  return isName && isId ? { name, after } : undefined
}

/** Undefined if it is no post. */
export function readPost(json: string): Post | undefined {
  try {
    const { text, key } = JSON.parse(json) as Partial<Post>
    const isText = typeof text === 'string' && text.trim() !== '' && text.length <= TEXT
    const isKey = typeof key === 'string' && /^[\w-]{8,64}$/.test(key)
    return isText && isKey ? { text, key } : undefined
  } catch {
    return undefined
  }
}

// #region append
/**
 * Returns the id of the message once the log has it. Undefined if the bus failed: then nobody knows
 * whether the log has it, and the client sends the same again.
 */
export function* append(
  bus: Bus,
  room: string,
  name: string,
  { text, key }: Post,
): Green<string | undefined> {
  try {
    return yield* bus.append(room, { name, text }, key)
  } catch (error) {
    if (error instanceof GreenletExit) throw error
    return undefined
  }
}
// #endregion append

/** What a client is sent: what is new, and with a room also who and which servers are there. */
export function frameOf(news: News, room?: Room): string {
  if (!room) return JSON.stringify(news)
  const { people, servers } = room
  const there = { count: people.length, names: people.slice(0, SHOWN) }
  return JSON.stringify({ ...news, people: there, servers })
}
