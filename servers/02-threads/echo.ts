/**
 * threads: a thread for each client, which serves it as if there were no other.
 *
 * Where does it wait?                   In every call; but each client's thread waits for itself.
 * Who calls whom?                       The program calls the system, in each thread line by line.
 * Where does a connection's state live? In the local variables of the function that serves it.
 * What breaks it?                       Many clients: each costs a thread, even one that is silent.
 */
import { type Posix, WOULD_BLOCK } from '../posix/api.ts'
import { acceptNext, linger, recvPatiently, sendAll, setPatience } from '../posix/blocking.ts'
import { listenTcp } from '../posix/listen.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve, ServeOptions } from '../server.ts'
import type { Report } from '../support/report.ts'
import { ThreadPool } from './thread-pool.ts'

const buffer = new Uint8Array(65536)

// #region converse
export function converse(options: ServeOptions, report: Report, posix: Posix, fd: number): void {
  const conversation = new Conversation(createSession(options), options.highWater)
  setPatience(posix, fd, options.idleTimeout)
  for (;;) {
    const count = recvPatiently(posix, fd, buffer, options.idleTimeout, report)
    if (report.closing) conversation.finish()
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
  const threads = new ThreadPool(options, supervisor, posix)
  const listener = listenTcp(posix, options, 'blocking')
  supervisor.listening(posix.getsockname(listener), { listener })
  // #region accept
  for (;;) {
    threads.takePlace()
    const client = acceptNext(posix, listener)
    if (!client) break
    await threads.serve(client.fd)
  }
  // #endregion accept
  await threads.end()
  posix.close(listener)
}
