/**
 * The chat over WebSocket. Two greenlets share each connection: that of the request takes what the
 * person writes, and the other one brings what is new in the room.
 */
import { type Green, GreenletExit, spawn } from '../../07-green-threads/gevent.ts'
import type { Environ } from '../../07-green-threads/wsgi.ts'
import type { GreenWebSocket } from '../websocket/web-socket.ts'
import type { Bus } from './bus.ts'
import { append, type Caller, callerOf, frameOf, readPost } from './posts.ts'
import type { Room } from './room.ts'
import type { Rooms } from './rooms.ts'

/** Codes of close frames: RFC 6455, section 7.4.1, and the register that it began. */
const GOING_AWAY = 1001
const AGAINST_THE_RULES = 1008
const TRY_AGAIN = 1013

/** One person's conversation in a room, until one of them leaves. */
export function* talk(
  { bus, rooms }: { bus: Bus; rooms: Rooms },
  name: string,
  socket: GreenWebSocket,
  environ: Environ,
): Green<void> {
  const caller = callerOf(environ)
  if (!caller) return void (yield* socket.close(AGAINST_THE_RULES, 'no name, or no id'))
  const room = yield* enter(rooms, name, caller)
  if (!room) return void (yield* socket.close(TRY_AGAIN, 'the log of the room is out of reach'))
  const reader = spawn(() => bring(socket, room, caller.after))
  try {
    yield* takePosts(socket, bus, room, caller.name)
  } finally {
    reader.kill()
    rooms.leave(room, caller.name)
  }
}

function* enter(rooms: Rooms, name: string, caller: Caller): Green<Room | undefined> {
  try {
    return yield* rooms.enter(name, caller.name)
  } catch (error) {
    if (error instanceof GreenletExit) throw error
    return undefined
  }
}

// #region posts
/** One post after the other: those of one person get their ids in the order in which they came. */
function* takePosts(socket: GreenWebSocket, bus: Bus, room: Room, name: string): Green<void> {
  for (;;) {
    const message = yield* socket.receive()
    if (message === undefined) return
    const post = readPost(message.toString())
    if (!post) return void (yield* socket.close(AGAINST_THE_RULES, 'this is no post'))
    const id = yield* append(bus, room.name, name, post)
    yield* socket.send(JSON.stringify(id ? { ack: post.key, id } : { refused: post.key }))
  }
}
// #endregion posts

// #region bring
/** Sends what is new, as fast as this client takes it. */
function* bring(socket: GreenWebSocket, room: Room, after: string | undefined): Green<void> {
  try {
    let news = after === undefined ? yield* room.backlog() : yield* room.after(after, -1)
    for (let told = -1; !room.isClosed; ) {
      const { changes } = room
      yield* socket.send(frameOf(news, changes === told ? undefined : room))
      told = changes
      news = yield* room.after(news.last, told)
    }
    socket.close(GOING_AWAY)
  } catch (error) {
    if (error instanceof GreenletExit) throw error
    // The client has left, or the log is out of reach. To close what is closed does nothing.
    socket.close(TRY_AGAIN, 'the log of the room is out of reach')
  }
}
// #endregion bring
