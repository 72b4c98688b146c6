/** Echoes bytes in green threads, for a limited number of clients at a time. */
import {
  type Green,
  type GreenSocket,
  run,
  Semaphore,
  StreamServer,
  sleep,
} from '#servers/07-green-threads/gevent.ts'

const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--limit')
const limit = flag < 0 ? 1000 : Number(process.argv[flag + 1])

/** A permit for each client that may be served at a time. */
const places = new Semaphore(limit)

function* serve(socket: GreenSocket): Green<void> {
  yield* places.acquire()
  try {
    yield* echo(socket)
  } finally {
    places.release()
  }
}

function* echo(socket: GreenSocket): Green<void> {
  for (;;) {
    const chunk = yield* socket.recv(65536)
    if (chunk.length === 0) return
    yield* reply(socket, chunk)
  }
}

function* reply(socket: GreenSocket, chunk: Uint8Array): Green<void> {
  // The others first: a client that sends much has no advantage.
  yield* sleep(0)
  socket.sendall(chunk)
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', port], serve)
  yield* server.serveForever()
})
