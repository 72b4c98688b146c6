/**
 * socket-pool: a service around a pool: many sockets, each read by a greenlet of the pool.
 *
 *     npm run app -- socket-pool
 *
 * Where does it wait?  Each greenlet in the `recv` of its socket; none of them holds up another.
 * What does it show?   A pool counts: it says when it is full, gives the place of a socket that has
 *                      ended to the next one, and ends all that are left with one call.
 * What breaks it?      More sockets than descriptors (`ulimit -n`), long before the pool is full.
 */
import {
  createConnection,
  Empty,
  type Green,
  Greenlet,
  type GreenSocket,
  Group,
  Listener,
  Pool,
  PoolFull,
  Queue,
  spawn,
  wait,
} from '../../07-green-threads/gevent.ts'
import { EXIT } from '../../support/exit-codes.ts'
import { StartError } from '../../support/start-errors.ts'
import type { Start } from '../application.ts'

const SIZE = 1000
const LEAVING = 400
/** Seconds until the next socket must have come. */
const PATIENCE = 5

// #region pool
class SocketPool {
  readonly pool = new Pool(SIZE)
  readonly received = new Queue<Buffer>()

  /** Throws PoolFull if there is no place. */
  addHandler(socket: GreenSocket): Greenlet<void> {
    const handler = new Greenlet(() => this.listen(socket))
    this.pool.startNowait(handler)
    return handler
  }

  *listen(socket: GreenSocket): Green<void> {
    try {
      for (;;) {
        const chunk = yield* socket.recv(4096)
        if (chunk.length === 0) return
        yield* this.received.put(chunk)
      }
    } finally {
      // However it ends, by its peer, an error or a kill: no descriptor is left behind.
      socket.abort()
    }
  }

  shutdown(): Green<boolean> {
    return this.pool.kill()
  }
}
// #endregion pool

/** Takes the clients of a listener in, as long as there is room. */
function* accept(listener: Listener, sockets: SocketPool, handlers: Queue<Greenlet>): Green<void> {
  for (;;) {
    const socket = yield* listener.accept()
    try {
      yield* handlers.put(sockets.addHandler(socket))
    } catch (error) {
      if (!(error instanceof PoolFull)) throw error
      yield* socket.sendall(error.message)
      socket.close()
    }
  }
}

/** The handlers of the first sockets. Without a descriptor, Node accepts one and closes it at once. */
function* firstOf(handlers: Queue<Greenlet>): Green<Greenlet[]> {
  const handling: Greenlet[] = []
  try {
    while (handling.length < SIZE) handling.push(yield* handlers.get(PATIENCE))
    return handling
  } catch (error) {
    if (!(error instanceof Empty)) throw error
    const text = `only ${handling.length} of ${SIZE} sockets have come: raise ulimit -n`
    throw new StartError({ text, exitCode: EXIT.unsupported })
  }
}

export const start: Start = function* () {
  const sockets = new SocketPool()
  const { pool } = sockets
  const listener = yield* Listener.listen(['127.0.0.1', 0], { backlog: SIZE })
  const handlers = new Queue<Greenlet>()
  spawn(accept, listener, sockets, handlers)

  const connect = () => createConnection(listener.getsockname())
  const clients = (yield* new Group().map(connect, Array.from({ length: SIZE }))) as GreenSocket[]
  const handling = yield* firstOf(handlers)
  console.log(`sockets in the pool: ${pool.size}, places left: ${pool.freeCount()}`)
  const late = yield* connect()
  console.log(`one more is told: ${yield* late.recv(100)}`)

  for (const client of clients) yield* client.sendall('hello')
  let bytes = 0
  while (bytes < SIZE * 'hello'.length) bytes += (yield* sockets.received.get()).length
  console.log(`from the others came ${bytes} bytes`)

  for (const client of clients.slice(0, LEAVING)) client.close()
  yield* wait(handling, null, LEAVING)
  console.log(`${LEAVING} clients have left, places left: ${pool.freeCount()}`)
  yield* sockets.shutdown()
  console.log(`shut down, sockets in the pool: ${pool.size}`)
}
