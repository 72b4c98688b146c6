/**
 * asynchat: a dispatcher that collects until a terminator, so that a handler is called with lines
 * and not with whatever a packet holds.
 *
 * Where does it wait?                   In asyncore's `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls the chat, the chat `collect…` and `found…`.
 * Where does a connection's state live? In its chat: the line so far, the output queue.
 * What breaks it?                       A handler that blocks; a line that nobody limits.
 *
 * The framework is in async-chat.ts, output-queue.ts, producer.ts and in asyncore's folder; these
 * files also say where they differ from Python's, and why. connection.ts keeps the promises.
 */
import { Listener } from '../04-asyncore/listener.ts'
import { loop, SocketMap } from '../04-asyncore/loop.ts'
import type { Address } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import { openPoller } from '../posix/open.ts'
import { tooLong } from '../protocol/echo.ts'
import { createRule } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import { Connection } from './connection.ts'

const NEWLINE = Buffer.from('\n')

class EchoConnection extends Connection {
  #maxLine = 0

  /** Lines of up to `maxLine` bytes, newline not counted. */
  collectLines(maxLine: number): void {
    this.#maxLine = maxLine
    this.setTerminator(NEWLINE)
  }

  // #region read
  override collectIncomingData(data: Uint8Array): void {
    if (this.getTerminator() === null) this.push(this.conversation.receive(data))
    else if (this.line.length + data.length <= this.#maxLine) this.line.push(data)
    else this.#giveUp()
  }
  // #endregion read

  // #region reply
  override foundTerminator(): void {
    this.line.push(NEWLINE)
    this.push(this.conversation.receive(this.takeLine()))
  }

  #giveUp(): void {
    this.push(tooLong(this.#maxLine))
    this.stopAnswering()
  }
  // #endregion reply
}

export const serve: Serve = async (options, supervisor, posix) => {
  const map = new SocketMap(posix, await openPoller(posix, options.poller))
  const deadlines = new Deadlines<Connection>()

  // #region accept
  class EchoListener extends Listener<Connection> {
    override handleAccepted(fd: number, peer: Address): void {
      const connection = new EchoConnection(options, map, { fd, peer }, deadlines, gone)
      if (createRule(options.protocol)) connection.collectLines(options.maxLine)
      this.connections.add(connection)
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
