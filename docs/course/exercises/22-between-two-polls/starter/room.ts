/** A room for people who poll. Each has a queue, and some messages do not arrive. */
import { Empty, type Green, Queue, sleep } from '#servers/07-green-threads/gevent.ts'

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

export class Room {
  readonly #queues = new Map<string, Queue<Message>>()
  #last = 0

  /** Returns the id of the new message. Ids grow. */
  post(text: string): number {
    this.#last += 1
    for (const queue of this.#queues.values()) queue.putNowait({ id: this.#last, text })
    return this.#last
  }

  /**
   * Waits until there are messages after `seen`, the last id that the client has, or the
   * time is over, in seconds: then there are none.
   */
  *poll(_seen: number, seconds: number, user: string): Green<News> {
    const queue = this.#queueOf(user)
    const messages: Message[] = []
    try {
      messages.push(yield* queue.get(seconds))
      // There may be more in a moment: one answer for all of them.
      yield* sleep(0)
      while (!queue.empty()) messages.push(queue.getNowait())
    } catch (error) {
      if (!(error instanceof Empty)) throw error
    }
    return { messages, missed: false }
  }

  #queueOf(user: string): Queue<Message> {
    const queue = this.#queues.get(user) ?? new Queue<Message>()
    this.#queues.set(user, queue)
    return queue
  }
}
