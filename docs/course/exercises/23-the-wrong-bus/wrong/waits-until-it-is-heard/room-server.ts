/** One of the servers of a chat. They share a room, which is a log on a bus. */
import { Event, type Green } from '#servers/07-green-threads/gevent.ts'

/** Thrown by the bus: the connection is down, or it broke before the answer came. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected'
}

/** A message in the log of the bus. Ids grow, in the order of the log. */
export interface Entry {
  readonly id: number
  readonly text: string
}

/** What a server has of the bus: a connection for its posts, and one to follow. */
export interface Bus {
  /** Sends a text to the other servers. Nobody keeps it. */
  publish(text: string): Green<void>
  /** Calls `hear` with each text that another server publishes, until it is killed. */
  subscribe(hear: (text: string) => void): Green<void>
  /** Adds a message to the log, once for each key, and returns its id. */
  append(text: string, key: string): Green<number>
  /** Waits until there are messages after this id. After '$': until a new one comes. */
  after(id: number | '$'): Green<Entry[]>
  /** Waits until both connections are up. */
  connected(): Green<void>
}

/** Shows a message to the people on this server. */
export type Deliver = (entry: Entry) => void

export class RoomServer {
  readonly #bus: Bus
  readonly #deliver: Deliver
  readonly #heard = new Event()
  #last: number

  /** @param last the id of the last message that its people have seen; 0 at first */
  constructor(bus: Bus, deliver: Deliver, last = 0) {
    this.#bus = bus
    this.#deliver = deliver
    this.#last = last
  }

  /** Ends when the message is in the room. Throws if the client can't rely on it. */
  *post(text: string, key: string): Green<void> {
    const id = yield* this.#bus.append(text, key)
    // Whoever has posted something sees it when the post has ended.
    while (this.#last < id) yield* this.#heard.wait()
  }

  /** Runs until it is killed: delivers the messages of the room on this server. */
  *follow(): Green<void> {
    for (;;) {
      try {
        yield* this.#listen()
      } catch (error) {
        if (!(error instanceof Disconnected)) throw error
        yield* this.#bus.connected()
      }
    }
  }

  *#listen(): Green<void> {
    for (;;) {
      for (const entry of yield* this.#bus.after(this.#last)) {
        this.#last = entry.id
        this.#deliver(entry)
      }
      this.#heard.set()
      this.#heard.clear()
    }
  }
}
