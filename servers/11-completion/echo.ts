/**
 * completion: one thread, many connections, and a kernel that is told what to do and says when it
 * is done.
 *
 * Where does it wait?                   In `proactor.wait`, one io_uring_enter(2) for everything.
 * Who calls whom?                       The proactor calls the handler of what has completed.
 * Where does a connection's state live? In its `EchoConnection`, and in the kernel: its operations.
 * What breaks it?                       A handler that takes long; a buffer touched too early.
 */
import type { Accepted } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import type { Serve } from '../server.ts'
import { Alarm } from './alarm.ts'
import { BLOCK, NONE } from './blocks.ts'
import { Connection } from './connection.ts'
import { requireIoUring } from './io-uring.ts'
import { Listener } from './listener.ts'
import { Proactor } from './proactor.ts'

class EchoConnection extends Connection {
  // #region backPressure
  /** A connection that owes too much has no recv in flight: see `Connection`. */
  protected get wantsRead(): boolean {
    return this.conversation.wantsRead(this.unsent)
  }
  // #endregion backPressure

  // #region read
  protected received(block: number, count: number): void {
    if (count === 0) this.waiting.push(this.conversation.end())
    else {
      const chunk = this.proactor.blocks.bytes(block, count)
      this.#reply(block, chunk, this.conversation.receive(chunk))
    }
  }
  // #endregion read

  // #region reply
  /** A reply goes back in the block in which its question came: one block for each exchange. */
  #reply(block: number, chunk: Uint8Array, reply: Uint8Array): void {
    if (this.block !== NONE || reply.length > BLOCK) this.waiting.push(reply)
    else if (reply.length > 0) {
      if (reply !== chunk) this.proactor.blocks.bytes(block, reply.length).set(reply)
      this.send(block, 0, reply.length)
    }
  }

  protected sent(count: number): void {
    const from = this.from + count
    if (from < this.to) this.send(this.block, from, this.to)
    else this.giveBlock()
  }
  // #endregion reply
}

export const serve: Serve = async (options, supervisor, posix) => {
  requireIoUring()
  const proactor = new Proactor()
  const listener = new Listener(options, posix, proactor, accepted, closeAll)
  const connections = new Set<Connection>()
  const deadlines = new Deadlines<Connection>()
  const alarm = new Alarm(proactor)

  // #region accept
  function accepted(client: Accepted): void {
    connections.add(new EchoConnection(options, proactor, client, deadlines, gone))
    supervisor.connected(client.peer)
  }
  // #endregion accept

  function gone(connection: Connection, error?: unknown): void {
    connections.delete(connection)
    supervisor.disconnected(connection.peer, error)
  }

  // #region stop
  /** The supervisor has shut the listener down: closing time. */
  function closeAll(): void {
    listener.close()
    for (const connection of connections) connection.finish()
  }
  // #endregion stop

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // #region wait
  while (listener.isOpen || connections.size > 0) {
    listener.accept(connections.size)
    alarm.set(deadlines.latest())
    proactor.wait()
    proactor.dispatch()
    for (const connection of deadlines.expired(connections)) connection.close()
  }
  // #endregion wait
  proactor.stop()
}
