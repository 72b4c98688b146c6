/** Answers whole lines. Each call waits, and it is the green thread that waits. */
import { type Green, type GreenSocket, Listener, run } from '#servers/07-green-threads/gevent.ts'

const port = Number(process.argv[2] ?? 8881)

function* serve(socket: GreenSocket): Green<void> {
  /** The beginning of a line whose end has not come yet. Each client has its own. */
  let rest = Buffer.alloc(0)
  for (;;) {
    const chunk = yield* socket.recv(8192)
    if (chunk.length === 0) break
    const bytes = Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf('\n') + 1
    yield* socket.sendall(bytes.subarray(0, end))
    rest = bytes.subarray(end)
  }
  // The client has ended its half of the connection, and can still receive.
  yield* socket.sendall(rest)
}

await run(function* () {
  const listener = yield* Listener.listen(['127.0.0.1', port])
  for (;;) {
    const socket = yield* listener.accept()
    try {
      yield* serve(socket)
    } catch (error) {
      // A client that resets its connection ends nobody else's.
      console.error(String(error))
    }
    yield* socket.close()
  }
})
