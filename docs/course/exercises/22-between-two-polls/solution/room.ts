/** A room for people who poll. It keeps the newest messages, and a poll asks for some. */
import { Event, type Green } from '#servers/07-green-threads/gevent.ts'

export interface Message {
  readonly id: number
  readonly text: string
}

/** The answer to a poll. */
export interface News {
  readonly messages: readonly Message[]
  /** Whether there were others after the id of the poll, which the room no longer has. */
  readonly missed: boolean
}

/** How many messages the room keeps. */
const KEPT = 100

export class Room {
  readonly #log: Message[] = []
  readonly #news = new Event()
  #last = 0

  /** Returns the id of the new message. Ids grow. */
  post(text: string): number {
    this.#last += 1
    this.#log.push({ id: this.#last, text })
    if (this.#log.length > KEPT) this.#log.shift()
    // All that wait now go on, although it is cleared. A later poll waits for the next.
    this.#news.set()
    this.#news.clear()
    return this.#last
  }

  /**
   * Waits until there are messages after `seen`, the last id that the client has, or the
   * time is over, in seconds: then there are none.
   */
  *poll(seen: number, seconds: number): Green<News> {
    if (seen >= this.#last) yield* this.#news.wait(seconds)
    const messages = this.#log.filter(({ id }) => id > seen)
    return { messages, missed: seen + messages.length < this.#last }
  }
}
