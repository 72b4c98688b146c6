/**
 * blocking-serial: accept a client, serve it to its end, accept the next.
 *
 * Where does it wait?                   In every call: the thread sleeps in `accept`, `recv`, `send`.
 * Who calls whom?                       The program calls the system, line by line.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       A second client: it waits until the first one has left.
 */
import { type Accepted, type Posix, WOULD_BLOCK } from '../posix/api.ts'
import { acceptNext, linger, recvPatiently, sendAll, setPatience } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Reporter, Serve, ServeOptions } from '../server.ts'

const CHUNK = 65536
const buffer = new Uint8Array(CHUNK)

/** Serves one client, from its first byte to its last, and closes its connection. */
export function serveClient(
  options: ServeOptions,
  reporter: Reporter,
  posix: Posix,
  { fd, peer }: Accepted,
): void {
  let failure: unknown
  reporter.connected(peer)
  try {
    converse(options, reporter, posix, fd)
  } catch (error) {
    failure = error
  }
  posix.close(fd)
  reporter.disconnected(peer, failure)
}

// #region converse
function converse(options: ServeOptions, reporter: Reporter, posix: Posix, fd: number): void {
  const conversation = new Conversation(createSession(options), options.highWater)
  setPatience(posix, fd, options.idleTimeout)
  for (;;) {
    // #region read
    const count = recvPatiently(posix, fd, buffer, options.idleTimeout, reporter)
    if (reporter.closing) conversation.finish()
    else if (count === WOULD_BLOCK) return // The idle timeout has passed.
    const chunk = buffer.subarray(0, Math.max(0, count))
    // #endregion read
    // #region reply
    const reply = count === 0 ? conversation.end() : conversation.receive(chunk)
    if (!sendAll(posix, fd, reply)) return
    // #endregion reply
    // #region end
    const step = conversation.next(0)
    if (step === 'send FIN') linger(posix, fd, LINGER, buffer)
    if (step !== 'go on') return
    // #endregion end
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
    serveClient(options, supervisor, posix, client)
  }
  // #endregion accept
  posix.close(listener)
}
