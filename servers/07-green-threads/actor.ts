/**
 * How does a greenlet share its state with others without a lock? It doesn't: the others send it
 * messages.
 */
import { call, Greenlet } from './greenlet.ts'
import type { Green } from './hub.ts'
import { Queue } from './queue.ts'

/**
 * A greenlet with an inbox. Other greenlets put messages into it; the actor takes one after the
 * other and calls its `receive`. Only the actor touches its own fields, so they need no lock.
 * Modelled on the Actor of the gevent tutorial.
 *
 * Where it differs: gevent itself has no such class.
 */
export abstract class Actor<Message> extends Greenlet<void> {
  readonly inbox = new Queue<Message>()
  /** Set it to false to end after the current message. */
  protected running = true

  /** Handles a message: a generator function, or a plain one that never waits. */
  abstract receive(message: Message): Green<void> | void

  override *run(): Green<void> {
    while (this.running) {
      const message = yield* this.inbox.get()
      yield* call(() => this.receive(message))
    }
  }
}
