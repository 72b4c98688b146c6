/**
 * asyncore: one object per socket, and a loop that calls its methods when the socket is ready.
 *
 * Where does it wait?                   In `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls `readable` and `writable`, then `handle…`.
 * Where does a connection's state live? In the fields of its dispatcher.
 * What breaks it?                       A handler that blocks; a `writable` that is always true.
 *
 * Where ours differs from the original stands, with the reasons, in loop.ts, dispatcher.ts and
 * dispatcher-with-send.ts.
 */
import type { Address } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import { openPoller } from '../posix/open.ts'
import type { Serve } from '../server.ts'
import { Connection } from './connection.ts'
import { Listener } from './listener.ts'
import { loop, SocketMap } from './loop.ts'

// #region handler
class EchoConnection extends Connection {
  override handleRead(): void {
    const chunk = this.recv(65536)
    if (chunk.length > 0) this.send(this.conversation.receive(chunk))
  }
}
// #endregion handler

export const serve: Serve = async (options, supervisor, posix) => {
  const map = new SocketMap(posix, await openPoller(posix, options.poller))
  const deadlines = new Deadlines<Connection>()

  class EchoListener extends Listener<Connection> {
    override handleAccepted(fd: number, peer: Address): void {
      this.connections.add(new EchoConnection(map, { fd, peer }, options, deadlines, gone))
      supervisor.connected(peer)
    }
  }

  const listener = new EchoListener(map, options)

  function gone(connection: Connection, error?: unknown): void {
    listener.connections.delete(connection)
    supervisor.disconnected(connection.addr!, error)
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region passes
  // asyncore has no timers. This was the way to have some: one pass at a time, then look at the
  // clock.
  while (map.size > 0) {
    loop(Math.min(listener.rest, deadlines.timeout) / 1000, map, 1)
    deadlines.tick()
    for (const connection of deadlines.expired(listener.connections)) connection.expire()
  }
  // #endregion passes
  map.poller.close()
}
