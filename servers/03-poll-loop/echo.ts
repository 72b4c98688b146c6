/**
 * poll-loop: one thread, many connections, and a loop that asks the kernel which of them are ready.
 *
 * Where does it wait?                   In `poller.wait`, which is poll(2) or epoll_wait(2).
 * Who calls whom?                       The loop calls everything, and all must return to it soon.
 * Where does a connection's state live? In its `Connection`, found by its descriptor.
 * What breaks it?                       A call that blocks or computes for long: all wait.
 *
 * The textbook's two lists are kept by the poller: who is watched for POLLIN is an input, and who
 * is watched for POLLOUT an output. The data that waits for an output is its connection's
 * `waiting`.
 */
import { POLLHUP, POLLIN } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import { openPoller } from '../posix/open.ts'
import type { Serve } from '../server.ts'
import { Connection } from './connection.ts'
import { Listener } from './listener.ts'

export const serve: Serve = async (options, supervisor, posix) => {
  const poller = await openPoller(posix, options.poller)
  const listener = new Listener(options, posix, poller)
  const connections = new Map<number, Connection>()
  const deadlines = new Deadlines<Connection>()

  // #region dispatch
  function dispatch(fd: number, events: number): void {
    const connection = connections.get(fd)
    if (connection) handle(connection, events)
    else if (events & POLLHUP) closeAll()
    else if (events & POLLIN) acceptAll()
  }
  // #endregion dispatch

  function acceptAll(): void {
    for (const accepted of listener.accept(connections.size)) {
      const connection = new Connection(options, posix, accepted, deadlines)
      connections.set(connection.fd, connection)
      poller.add(connection.fd, connection.interest)
      supervisor.connected(connection.peer)
    }
  }

  function handle(connection: Connection, events: number): void {
    try {
      if (connection.handle(events)) poller.modify(connection.fd, connection.interest)
      else close(connection)
    } catch (error) {
      close(connection, error)
    }
  }

  function close(connection: Connection, error?: unknown): void {
    connections.delete(connection.fd)
    poller.remove(connection.fd)
    posix.close(connection.fd)
    supervisor.disconnected(connection.peer, error)
  }

  /** The supervisor has shut the listener down: closing time. */
  function closeAll(): void {
    listener.close()
    for (const connection of connections.values()) {
      connection.finish()
      handle(connection, 0)
    }
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region loop
  while (listener.isOpen || connections.size > 0) {
    const patience = Math.min(listener.watch(connections.size), deadlines.timeout)
    const ready = poller.wait(patience)
    deadlines.tick()
    for (let i = 0; i < ready; i++) dispatch(poller.fd(i), poller.events(i))
    for (const connection of deadlines.expired(connections.values())) close(connection)
  }
  // #endregion loop
  poller.close()
}
