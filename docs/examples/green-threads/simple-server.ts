/**
 * A StreamServer runs its handler in a green thread for each connection. The handler reads like a
 * program for one client, and its end closes the connection. With a pool of two, the third client
 * has to wait until one of the others has gone.
 */
import {
  createConnection,
  type FileObject,
  type Green,
  type GreenSocket,
  run,
  StreamServer,
  spawn,
} from '../../../servers/07-green-threads/gevent.ts'

/** Says everything twice, and goodbye to whoever says goodbye. */
function* parrot(socket: GreenSocket): Green<void> {
  const lines = socket.makefile()
  for (;;) {
    const word = (yield* lines.readline()).toString().trimEnd()
    if (word === '') return
    yield* socket.sendall(`${word}, ${word}!\n`)
    if (word === 'goodbye') return
  }
}

/** Says something to the parrot, and tells what it answers. */
function* say(name: string, parrot: FileObject, word: string): Green<void> {
  yield* parrot.write(`${word}\n`)
  yield* parrot.flush()
  console.log(`${name} hears: ${(yield* parrot.readline()).toString().trimEnd()}`)
}

await run(function* () {
  const server = new StreamServer(['127.0.0.1', 0], parrot, { spawn: 2 })
  yield* server.start()
  const sockets: GreenSocket[] = []
  for (let i = 0; i < 3; i++) sockets.push(yield* createConnection(server.address))
  const [ann, ben, cid] = sockets.map((socket) => socket.makefile())
  yield* say('Ann', ann!, 'hello')
  yield* say('Ben', ben!, 'cracker')
  const patience = spawn(say, 'Cid', cid!, 'me too')
  yield* say('Ben', ben!, 'nut')
  console.log(`Cid has to wait: ${server.full() && !patience.ready()}`)
  yield* say('Ann', ann!, 'goodbye')
  yield* patience.join()
  yield* server.stop(0)
  console.log(`closed, and Ben hears: ${(yield* ben!.readline()).length} bytes`)
  for (const socket of sockets) yield* socket.close()
})
