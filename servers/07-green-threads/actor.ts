import { call, Greenlet } from './greenlet.ts'
import type { Green } from './hub.ts'
import { Queue } from './queue.ts'

/**
 * A greenlet with an inbox: others put messages in, it takes one after the other and does with it
 * what its `receive` says. Its fields are touched by nobody else, so that they need no lock. After
 * the Actor of the gevent tutorial.
 *
 * Where it differs: gevent itself has no such class.
 */
export abstract class Actor<Message> extends Greenlet<void> {
  readonly inbox = new Queue<Message>()
  /** Set it to false to end after the message at hand. */
  protected running = true

  /** What it does with a message: a generator function, or a plain one that never waits. */
  abstract receive(message: Message): Green<void> | void

  override *run(): Green<void> {
    while (this.running) {
      const message = yield* this.inbox.get()
      yield* call(() => this.receive(message))
    }
  }
}
