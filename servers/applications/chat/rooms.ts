/**
 * Who is where? Each server says every two seconds who is in its rooms, and hears it of the others.
 * What a server has said holds for six seconds: the people of one that has died are gone by then.
 * A list that is two seconds old is good enough for people, and it costs the same for each server,
 * however often they come and go.
 */
import { randomUUID } from 'node:crypto'
import {
  AsyncResult,
  Event,
  type Green,
  GreenletExit,
  sleep,
  spawn,
} from '../../07-green-threads/gevent.ts'
import { type Bus, PRESENT } from './bus.ts'
import { Room } from './room.ts'

/** Seconds between two words to the bus about who is here. */
const BEAT = PRESENT / 3

/** Seconds that people wait for who comes and goes, so that many at once are told of once. */
const TOGETHER = 0.2

/** The servers are listed as the people of this room, whose name no other room can have. */
const SERVERS = '@servers'

/** The rooms that somebody on this server is in. */
export class Rooms {
  readonly #bus: Bus
  readonly #id = randomUUID()
  readonly #rooms = new Map<string, AsyncResult<Room>>()
  readonly #changed = new Event()
  readonly #keeper = spawn(() => this.#keep())
  #isClosing = false
  /** Where this server can be reached, once that is known. */
  address: string | undefined
  /** Where all servers that share the bus can be reached. */
  servers: readonly string[] = []

  constructor(bus: Bus) {
    this.#bus = bus
  }

  /** Waits until the room is open. Throws if the bus fails, or the server closes. */
  *enter(name: string, person: string): Green<Room> {
    while (!this.#isClosing) {
      const room = yield* (this.#rooms.get(name) ?? this.#open(name)).get()
      // While this one waited, the last one may have left.
      if (room.isClosed) continue
      room.enter(person)
      this.#changed.set()
      return room
    }
    throw new Error('the server closes')
  }

  leave(room: Room, person: string): void {
    room.leave(person)
    this.#changed.set()
    if (room.here.length > 0 || room.isClosed) return
    room.close()
    this.#rooms.delete(room.name)
    spawn(() => this.#say(room.name, []))
  }

  /** Tells all who wait here to go on elsewhere. */
  close(): void {
    this.#isClosing = true
    for (const { value: room } of this.#rooms.values()) room?.close()
  }

  /** Tells the other servers that this one ends. */
  *end(): Green<void> {
    this.#keeper.kill()
    for (const name of [SERVERS, ...this.#rooms.keys()]) yield* this.#say(name, [])
  }

  #open(name: string): AsyncResult<Room> {
    const opening = new AsyncResult<Room>()
    this.#rooms.set(name, opening)
    spawn(() => settle(opening, Room.open(this.#bus, name))).link(() => {
      if (!opening.successful()) this.#rooms.delete(name)
    })
    return opening
  }

  // #region keep
  *#keep(): Green<void> {
    for (;;) {
      this.#changed.clear()
      const address = this.address ? [this.address] : []
      this.servers = (yield* this.#say(SERVERS, address)) ?? this.servers
      for (const { value: room } of this.#rooms.values()) {
        const people = room && (yield* this.#say(room.name, room.here))
        if (people) room.know(people, this.servers)
      }
      yield* this.#changed.wait(BEAT)
      yield* sleep(TOGETHER)
    }
  }

  /** Undefined while the bus is away: it is said again soon. */
  *#say(room: string, names: readonly string[]): Green<readonly string[] | undefined> {
    try {
      return (yield* this.#bus.present(room, this.#id, names)).toSorted()
    } catch (error) {
      if (error instanceof GreenletExit) throw error
      return undefined
    }
  }
  // #endregion keep
}

function* settle<Value>(result: AsyncResult<Value>, green: Green<Value>): Green<void> {
  try {
    result.set(yield* green)
  } catch (error) {
    result.setException(error)
  }
}
