/**
 * blocking-serial: accept a client, serve it to its end, accept the next.
 *
 * Where does it wait?                   In every call: `accept`, `recv` and `send` put the thread to sleep.
 * Who calls whom?                       The program calls the system, line by line, in reading order.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       A second client: it waits until the first one has gone.
 */
import { type Posix, WOULD_BLOCK } from '../posix/api.ts'
import { acceptNext, linger, sendAll, setPatience } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve, ServeOptions, Supervisor } from '../server.ts'

const buffer = new Uint8Array(65536)

function converse(options: ServeOptions, supervisor: Supervisor, posix: Posix, fd: number): void {
  const conversation = new Conversation(createSession(options), options.highWater)
  setPatience(posix, fd, options.idleTimeout)
  for (;;) {
    const count = posix.recv(fd, buffer)
    if (count === WOULD_BLOCK) return // The idle timeout has passed.
    if (supervisor.closing) conversation.finish()
    const chunk = buffer.subarray(0, count)
    const reply = count === 0 ? conversation.end() : conversation.receive(chunk)
    if (!sendAll(posix, fd, reply)) return
    const step = conversation.next(0)
    if (step === 'send FIN') linger(posix, fd, LINGER, buffer)
    if (step !== 'go on') return
  }
}

export const serve: Serve = async (options, supervisor, posix) => {
  const listener = listenTcp(posix, options, 'blocking')
  supervisor.listening(posix.getsockname(listener), { listener })
  for (;;) {
    const client = acceptNext(posix, listener)
    if (!client) break
    supervisor.connected(client.peer)
    supervisor.blockedOn(client.fd)
    let failure: unknown
    try {
      // Asked after `blockedOn`: of a close at this moment, the supervisor or this thread takes note.
      if (!supervisor.closing) converse(options, supervisor, posix, client.fd)
    } catch (error) {
      failure = error
    }
    supervisor.blockedOn(null)
    posix.close(client.fd)
    supervisor.disconnected(client.peer, failure)
  }
  posix.close(listener)
}
