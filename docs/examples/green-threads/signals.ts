/**
 * The handler of a signal runs as a green thread of its own, and so it may wait. SIGTERM stops the
 * server here, as usual: nobody comes in any more, and who is inside has a moment to finish.
 */
import {
  createConnection,
  Event,
  type Green,
  type GreenSocket,
  run,
  StreamServer,
  signal,
  sleep,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

const curtain = new Event()

function* storyteller(socket: GreenSocket): Green<void> {
  yield* socket.sendall('once upon a time\n')
  yield* curtain.wait()
  yield* socket.sendall('they lived happily ever after\n')
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', 0], storyteller, { spawn: 10 })

  function* onSignal(name: string): Green<void> {
    server.close()
    console.log(`${name}: nobody comes in any more`)
    curtain.set()
    yield* server.stop()
    console.log(`${name}: the last story has been told`)
  }

  const watching = signal('SIGTERM', onSignal, 'SIGTERM')
  const serving = spawn(() => server.serveForever())
  while (!server.started) yield* sleep(0)
  const socket = yield* createConnection(server.address)
  const story = socket.makefile()
  console.log((yield* story.readline()).toString().trimEnd())
  process.kill(process.pid, 'SIGTERM')
  console.log((yield* story.readline()).toString().trimEnd())
  yield* socket.close()
  yield* serving.join()
  watching.cancel()
})
