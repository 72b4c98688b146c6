/**
 * How does a server notice at once that a client has left, while its application waits for something
 * else? Node sees the end of the connection, and the greenlet that answers is killed.
 *
 * Without this an application would learn it only from its answer, which fails. WSGI has no word
 * for it, and in gevent it is so.
 */
import type { Socket } from 'node:net'
import { type Green, type GreenSocket, getcurrent } from '../07-green-threads/gevent.ts'
import { AppServer } from './application.ts'

/**
 * A WSGI server that kills the greenlet of a client that has left, wherever that waits: the
 * `finally` of an application is where it forgets the client. A client that only says that it sends
 * no more (half-close) is taken for one that has left, as by Node's own HTTP server.
 */
export class WatchfulServer extends AppServer {
  readonly #clients = new WeakMap<GreenSocket, Socket>()

  protected override wrap(client: Socket): GreenSocket {
    const socket = super.wrap(client)
    this.#clients.set(socket, client)
    return socket
  }

  // #region converse
  protected override *converse(socket: GreenSocket): Green<void> {
    const greenlet = getcurrent()
    const client = this.#clients.get(socket)!
    // It may have left before this greenlet had its first turn.
    if (client.readableEnded || client.destroyed) return
    for (const event of ['end', 'close']) client.once(event, () => greenlet.kill())
    yield* super.converse(socket)
  }
  // #endregion converse
}
