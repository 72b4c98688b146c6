/**
 * asyncore: one object per socket, and a loop that calls its methods when the socket is ready.
 *
 * Where does it wait?                   In `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls `readable` and `writable`, then `handle…`.
 * Where does a connection's state live? In the fields of its dispatcher.
 * What breaks it?                       A handler that blocks; a `writable` that is always true.
 *
 * The framework is in loop.ts, dispatcher.ts and dispatcher-with-send.ts, which also say where they
 * differ from Python's, and why. listener.ts, connection.ts and upkeep.ts keep the promises.
 */
import type { Address } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import { openPoller } from '../posix/open.ts'
import type { Serve } from '../server.ts'
import { CHUNK, Connection } from './connection.ts'
import { Listener } from './listener.ts'
import { loop, SocketMap } from './loop.ts'

class EchoConnection extends Connection {
  // #region read
  override handleRead(): void {
    const chunk = this.recv(CHUNK)
    if (chunk.length > 0) this.send(this.conversation.receive(chunk))
  }
  // #endregion read
}

export const serve: Serve = async (options, supervisor, posix) => {
  const map = new SocketMap(posix, await openPoller(posix, options.poller))
  const deadlines = new Deadlines<Connection>()

  // #region accept
  class EchoListener extends Listener<Connection> {
    override handleAccepted(fd: number, peer: Address): void {
      this.connections.add(new EchoConnection(options, map, { fd, peer }, deadlines, gone))
      supervisor.connected(peer)
    }
  }
  // #endregion accept

  const listener = new EchoListener(options, map)

  function gone(connection: Connection, error?: unknown): void {
    listener.connections.delete(connection)
    supervisor.disconnected(connection.addr!, error)
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region wait
  // asyncore has no timers. Its users made one pass at a time, and then looked at the clock.
  while (map.size > 0) {
    loop(Math.min(listener.rest, deadlines.patience()) / 1000, map, 1)
    for (const connection of deadlines.expired(listener.connections)) connection.expire()
  }
  // #endregion wait
  map.poller.close()
}
