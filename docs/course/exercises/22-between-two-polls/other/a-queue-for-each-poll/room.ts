/** A room for people who poll. While a poll waits, it has a queue of its own. */
import { Empty, type Green, Queue } from '#servers/07-green-threads/gevent.ts'

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
  #log: Message[] = []
  /** Of the polls that wait. */
  readonly #queues = new Set<Queue<Message>>()
  #last = 0

  /** Returns the id of the new message. Ids grow. */
  post(text: string): number {
    this.#last += 1
    const message = { id: this.#last, text }
    this.#log = [...this.#log, message].slice(-KEPT)
    for (const queue of this.#queues) queue.putNowait(message)
    return this.#last
  }

  /**
   * Waits until there are messages after `seen`, the last id that the client has, or the
   * time is over, in seconds: then there are none.
   */
  *poll(seen: number, seconds: number): Green<News> {
    const messages = this.#log.filter(({ id }) => id > seen)
    const [oldest] = messages
    if (oldest) return { messages, missed: seen < oldest.id - 1 }
    return { messages: yield* this.#next(seconds), missed: false }
  }

  *#next(seconds: number): Green<Message[]> {
    const queue = new Queue<Message>()
    this.#queues.add(queue)
    try {
      const messages = [yield* queue.get(seconds)]
      while (!queue.empty()) messages.push(queue.getNowait())
      return messages
    } catch (error) {
      // What came in the last moment is in the log, too.
      if (error instanceof Empty) return []
      throw error
    } finally {
      this.#queues.delete(queue)
    }
  }
}
