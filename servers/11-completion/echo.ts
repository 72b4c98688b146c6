/**
 * completion: one thread, many connections, and a kernel that is told what to do and says when it
 * is done.
 *
 * Where does it wait?                   In `proactor.wait`, one io_uring_enter(2) for everything.
 * Who calls whom?                       The proactor calls the handler of what has completed.
 * Where does a connection's state live? In its `Connection`, and in the kernel: what is in flight.
 * What breaks it?                       A handler that takes long; a buffer touched too early.
 */
import type { Accepted } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import { UnsupportedError } from '../posix/open.ts'
import type { Serve } from '../server.ts'
import { Alarm } from './alarm.ts'
import { Connection } from './connection.ts'
import { ioUringRefusal } from './io-uring.ts'
import { Listener } from './listener.ts'
import { Proactor } from './proactor.ts'

export const serve: Serve = async (options, supervisor, posix) => {
  const refusal = ioUringRefusal()
  if (refusal) throw new UnsupportedError(refusal)
  const proactor = new Proactor()
  const listener = new Listener(options, posix, proactor, accepted, closeAll)
  const connections = new Set<Connection>()
  const deadlines = new Deadlines<Connection>()
  const alarm = new Alarm(proactor)

  function accepted(client: Accepted): void {
    const connection = new Connection(options, proactor, client, deadlines, gone)
    connections.add(connection)
    supervisor.connected(client.peer)
    // Accepted by the kernel just before closing time, and told after it.
    if (!listener.isOpen) connection.finish()
  }

  function gone(connection: Connection, error?: unknown): void {
    connections.delete(connection)
    supervisor.disconnected(connection.peer, error)
  }

  /** The supervisor has shut the listener down: closing time. */
  function closeAll(): void {
    listener.close()
    for (const connection of connections) connection.finish()
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region loop
  while (listener.isOpen || connections.size > 0) {
    listener.accept(connections.size)
    alarm.set(deadlines.timeout)
    proactor.wait()
    deadlines.tick()
    proactor.dispatch()
    for (const connection of deadlines.expired(connections)) connection.close()
  }
  // #endregion loop
  proactor.stop()
}
