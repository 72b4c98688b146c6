/** Answers whole lines. Each client is served by a green thread of its own. */
import {
  type Green,
  type GreenSocket,
  run,
  StreamServer,
} from '#servers/07-green-threads/gevent.ts'

const port = Number(process.argv[2] ?? 8881)

function* serve(socket: GreenSocket): Green<void> {
  /** The beginning of a line whose end has not come yet. Each client has its own. */
  let rest = Buffer.alloc(0)
  for (;;) {
    try {
      const chunk = yield* socket.recv(8192)
      if (chunk.length === 0) break
      const bytes = Buffer.concat([rest, chunk])
      const end = bytes.lastIndexOf('\n') + 1
      yield* socket.sendall(bytes.subarray(0, end))
      rest = bytes.subarray(end)
    } catch {
      // A client that resets its connection ends nobody else's.
    }
  }
  // The client has ended its half of the connection, and can still receive.
  yield* socket.sendall(rest)
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', port], serve)
  yield* server.serveForever()
})
