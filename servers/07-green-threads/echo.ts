/**
 * green-threads: a function per connection that reads like blocking code, each run by a green
 * thread, which gives the real one away at every `yield*`.
 *
 * Where does it wait?                   At each `yield*`: the green thread; the real one goes on.
 * Who calls whom?                       The hub resumes the green thread where it stopped.
 * Where does a connection's state live? In the local variables of its function, kept across waits.
 * What breaks it?                       Computing for long without a wait, or a `yield*` left out.
 *
 * In Python none of the `yield*` would be there. gevent swaps C stacks, so that any call can wait,
 * and `monkey.patch_all()` puts its sockets in the place of the standard library's: the code of a
 * serial server runs in green threads as it stands. JavaScript can't leave a function but where it
 * says so, and no patch can add that: here each wait is written down.
 */
import type { Address } from '../posix/api.ts'
import { Conversation, LINGER } from '../protocol/conversation.ts'
import { createSession } from '../protocol/protocols.ts'
import type { Serve } from '../server.ts'
import {
  type Green,
  GreenletExit,
  type GreenSocket,
  Pool,
  run,
  SHUT_WR,
  StreamServer,
  Timeout,
} from './gevent.ts'

const CHUNK = 65536

// #region converse
function* converse(socket: GreenSocket, conversation: Conversation): Green<void> {
  for (;;) {
    try {
      // #region end
      // Other models take this step last. A kill may come at any wait, and leads back to here.
      const step = conversation.next(0)
      // This waits until the client has taken all that it is owed.
      if (step === 'close' || conversation.lingering) yield* socket.shutdown(SHUT_WR)
      if (step === 'close') return
      if (conversation.lingering) return yield* linger(socket)
      // #endregion end
      // #region read
      const chunk = yield* socket.recv(CHUNK)
      // #endregion read
      // #region reply
      // While the client does not take what it is owed, this waits, and no more is read from it.
      yield* socket.sendall(chunk.length === 0 ? conversation.end() : conversation.receive(chunk))
      // #endregion reply
    } catch (error) {
      // #region stop
      // Closing time comes as a kill: no more is answered then, and what is owed is still sent.
      if (!(error instanceof GreenletExit)) throw error
      conversation.finish()
      // #endregion stop
    }
  }
}
// #endregion converse

// #region end
/** Our FIN is sent and the client's is awaited: what comes before it is thrown away. */
function* linger(socket: GreenSocket): Green<void> {
  yield* new Timeout(LINGER / 1000).scope(function* () {
    while ((yield* socket.recv(CHUNK)).length > 0);
  })
}
// #endregion end

export const serve: Serve = (options, supervisor) => {
  const { address, backlog, maxConnections, highWater, idleTimeout, tls } = options

  function* accepted(socket: GreenSocket, peer: Address): Green<void> {
    const conversation = new Conversation(createSession(options), highWater)
    supervisor.connected(peer)
    socket.settimeout(idleTimeout / 1000)
    let failure: unknown
    try {
      yield* converse(socket, conversation)
      yield* socket.close()
    } catch (error) {
      // A client that was silent, or lingered, for too long is no failure.
      if (!(error instanceof Timeout)) failure = error
      yield* socket.abort()
    }
    supervisor.disconnected(peer, failure)
  }

  return run(function* () {
    const pool = new Pool(maxConnections)
    const where = [address.address, address.port] as const
    const limits = { backlog, highWater, handshakeTimeout: idleTimeout / 1000 }
    const server = new StreamServer(where, accepted, { spawn: pool, ...limits, ...tls })
    server.handshakeFailed = (peer, error) => supervisor.turnedAway(peer, error)
    yield* server.start()
    supervisor.listening(server.address, { stop: () => server.stop(0) })
    yield* server.serveForever()
    yield* pool.join()
  })
}
