/**
 * blocking-serial: accept a client, serve it to its end, accept the next.
 *
 * Where does it wait?                   In every call: the thread sleeps in `accept`, `recv`, `send`.
 * Who calls whom?                       The program calls the system, line by line.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       A second client: it waits until the first one has gone.
 */
import { type Posix, WOULD_BLOCK } from '../posix/api.ts'
import { acceptNext, linger, recvPatiently, sendAll, setPatience } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve, ServeOptions, Supervisor } from '../server.ts'

const buffer = new Uint8Array(65536)

// #region converse
function converse(options: ServeOptions, supervisor: Supervisor, posix: Posix, fd: number): void {
  const conversation = new Conversation(createSession(options), options.highWater)
  setPatience(posix, fd, options.idleTimeout)
  for (;;) {
    const count = recvPatiently(posix, fd, buffer, options.idleTimeout, supervisor)
    if (supervisor.closing) conversation.finish()
    else if (count === WOULD_BLOCK) return // The idle timeout has passed.
    const chunk = buffer.subarray(0, Math.max(0, count))
    const reply = count === 0 ? conversation.end() : conversation.receive(chunk)
    if (!sendAll(posix, fd, reply)) return
    const step = conversation.next(0)
    if (step === 'send FIN') linger(posix, fd, LINGER, buffer)
    if (step !== 'go on') return
  }
}
// #endregion converse

export const serve: Serve = async (options, supervisor, posix) => {
  const listener = listenTcp(posix, options, 'blocking')
  supervisor.listening(posix.getsockname(listener), { listener })
  // #region accept
  for (;;) {
    const client = acceptNext(posix, listener)
    if (!client) break
    supervisor.connected(client.peer)
    let failure: unknown
    try {
      converse(options, supervisor, posix, client.fd)
    } catch (error) {
      failure = error
    }
    posix.close(client.fd)
    supervisor.disconnected(client.peer, failure)
  }
  // #endregion accept
  posix.close(listener)
}
