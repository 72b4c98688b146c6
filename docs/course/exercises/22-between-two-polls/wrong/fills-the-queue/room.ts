/** A room for people who poll. Each has a queue, with the newest messages at first. */
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
  readonly #queues = new Map<string, Queue<Message>>()
  #last = 0

  /** Returns the id of the new message. Ids grow. */
  post(text: string): number {
    this.#last += 1
    const message = { id: this.#last, text }
    this.#log = [...this.#log, message].slice(-KEPT)
    for (const queue of this.#queues.values()) queue.putNowait(message)
    return this.#last
  }

  /**
   * Waits until there are messages after `seen`, the last id that the client has, or the
   * time is over, in seconds: then there are none.
   */
  *poll(seen: number, seconds: number, user: string): Green<News> {
    const queue = this.#queueOf(user, seen)
    const messages: Message[] = []
    try {
      messages.push(yield* queue.get(seconds))
      while (!queue.empty()) messages.push(queue.getNowait())
    } catch (error) {
      if (!(error instanceof Empty)) throw error
    }
    return { messages, missed: seen + messages.length < this.#last }
  }

  #queueOf(user: string, seen: number): Queue<Message> {
    const known = this.#queues.get(user)
    if (known) return known
    const queue = new Queue<Message>()
    for (const message of this.#log) if (message.id > seen) queue.putNowait(message)
    this.#queues.set(user, queue)
    return queue
  }
}
