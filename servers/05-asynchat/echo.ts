/**
 * asynchat: a dispatcher that collects until a terminator, so that a handler is called with lines
 * and not with whatever a packet holds.
 *
 * Where does it wait?                   In asyncore's `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls the chat, the chat `collect…` and `found…`.
 * Where does a connection's state live? In its chat: the line so far, the output queue.
 * What breaks it?                       A handler that blocks; a line that nobody limits.
 *
 * Where ours differs from the original stands, with the reasons, in async-chat.ts and in asyncore's
 * files.
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

// #region handler
class EchoChat extends Connection {
  #maxLine = 0

  /** Lines of up to `maxLine` bytes, newline not counted. */
  collectLines(maxLine: number): void {
    this.#maxLine = maxLine
    this.setTerminator(NEWLINE)
  }

  override collectIncomingData(data: Uint8Array): void {
    if (this.getTerminator() === null) this.answer(data)
    else if (this.line.length + data.length <= this.#maxLine) this.line.push(data)
    else this.#giveUp()
  }

  override foundTerminator(): void {
    this.line.push(NEWLINE)
    this.answer(this.takeLine())
  }

  #giveUp(): void {
    this.push(tooLong(this.#maxLine))
    this.stopAnswering()
  }
}
// #endregion handler

const NEWLINE = Buffer.from('\n')

export const serve: Serve = async (options, supervisor, posix) => {
  const map = new SocketMap(posix, await openPoller(posix, options.poller))
  const deadlines = new Deadlines<Connection>()

  class EchoListener extends Listener<Connection> {
    override handleAccepted(fd: number, peer: Address): void {
      const chat = new EchoChat(map, { fd, peer }, options, deadlines, gone)
      if (createRule(options.protocol)) chat.collectLines(options.maxLine)
      this.connections.add(chat)
      supervisor.connected(peer)
    }
  }

  const listener = new EchoListener(map, options)

  function gone(connection: Connection, error?: unknown): void {
    listener.connections.delete(connection)
    supervisor.disconnected(connection.addr!, error)
  }

  supervisor.listening(posix.getsockname(listener.fd), { listener: listener.fd })
  // asyncore has no timers. This was the way to have some: one pass at a time, then look at the
  // clock.
  while (map.size > 0) {
    loop(Math.min(listener.rest, deadlines.timeout) / 1000, map, 1)
    deadlines.tick()
    for (const connection of deadlines.expired(listener.connections)) connection.expire()
  }
  map.poller.close()
}
