/**
 * green-threads, bare: the loop of the serial server, once for each client, in a green thread.
 *
 *     node --import tsx servers/07-green-threads/bare.ts 8881
 *
 * Where does it wait?                   At each `yield*`: the green thread; the real one goes on.
 * Who calls whom?                       The hub resumes the green thread where it stopped.
 * Where does a connection's state live? In the local variables of its function, kept across waits.
 * What breaks it?                       Computing for long without a wait, or a `yield*` left out.
 * What it leaves out:                   promises 5, 6, 8 and 9.
 */
import { formatAddress } from '../posix/api.ts'
import { type Green, type GreenSocket, run, StreamServer } from './gevent.ts'

const port = Number(process.argv[2] ?? 8881)

function* echo(socket: GreenSocket): Green<void> {
  for (;;) {
    const chunk = yield* socket.recv(8192)
    if (chunk.length === 0) break
    yield* socket.sendall(chunk)
  }
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', port], echo)
  yield* server.start()
  console.log(`listening ${formatAddress(server.address)}`)
  yield* server.serveForever()
})
