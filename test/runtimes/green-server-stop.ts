import { expect } from 'vitest'
import {
  type Green,
  type GreenSocket,
  Pool,
  StreamServer,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green, untilKilled, watchFailures } from './green-harness.ts'
import { LOOPBACK, recvAll } from './green-io-harness.ts'
import { ask, dial, echo, serving } from './green-server-spawn.ts'

/** A server whose handlers wait until they are killed, with one client inside. */
function* occupied(ends: string[]): Green<[StreamServer, GreenSocket]> {
  function* handle(socket: GreenSocket): Green<void> {
    yield* socket.sendall('in')
    ends.push(yield* untilKilled())
  }
  const server = new StreamServer(LOOPBACK, handle, { spawn: 5 })
  yield* server.start()
  const client = yield* dial(server)
  expect((yield* client.recv(2)).toString()).toBe('in')
  return [server, client]
}

/** Orders to stop that come together, or at an awkward moment. */
export function stopTests(): void {
  const seen = watchFailures()

  // gevent#41, gevent#278
  green('stop: a second call with less time kills at once, and ends the first', function* () {
    const ends: string[] = []
    const [server, client] = yield* occupied(ends)
    const patient = spawn(() => server.stop(1000))
    yield* sleep(0)
    const urgent = spawn(() => server.stop(0))
    for (const stopping of [urgent, patient]) expect(yield* stopping.join(2)).toBe(true)
    expect(ends).toEqual(['killed'])
    expect(yield* recvAll(client)).toHaveLength(0)
  })

  green('stop: a second call with more time changes nothing, and waits as well', function* () {
    const ends: string[] = []
    const [server] = yield* occupied(ends)
    const first = spawn(() => server.stop(0.02))
    yield* sleep(0)
    const second = spawn(() => server.stop(null))
    expect(yield* second.join(2)).toBe(true)
    expect(yield* first.join(0)).toBe(true)
    expect(ends).toEqual(['killed'])
  })

  green('stop: a server that starts again has its full time again', function* () {
    const ends: string[] = []
    const [server] = yield* occupied(ends)
    yield* server.stop(0)
    yield* server.start()
    const client = yield* dial(server)
    expect((yield* client.recv(2)).toString()).toBe('in')
    expect(yield* server.stop(0.01)).toBe(true)
    expect(ends).toEqual(['killed', 'killed'])
  })

  for (const order of ['stop', 'close'] as const) {
    green(`${order} while start waits to listen: it does not start after all`, function* () {
      const server = new StreamServer(LOOPBACK, echo)
      const starting = spawn(() => server.start())
      const forever = new StreamServer(LOOPBACK, echo)
      const running = spawn(() => forever.serveForever())
      yield* sleep(0)
      for (const each of [server, forever]) each[order]()
      expect(yield* starting.join(2)).toBe(true)
      expect(yield* running.join(2)).toBe(true)
      for (const each of [server, forever])
        expect([each.started, each.closed]).toEqual([false, true])
      yield* server.start()
      expect(yield* ask(yield* dial(server), 'now')).toBe('now')
      yield* server.stop(0)
    })
  }

  green('start in two greenlets at a time opens one listener', function* () {
    const listeners = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap').length
    // Those of the tests before may still be closing.
    while (listeners() > 0) yield* sleep(0.001)
    const server = new StreamServer(LOOPBACK, echo)
    for (const starting of [1, 2].map(() => spawn(() => server.start()))) yield* starting.get()
    while (listeners() > 1) yield* sleep(0.001)
    expect(yield* ask(yield* dial(server), 'hello')).toBe('hello')
    yield* server.stop(0)
  })

  green('setSpawn: a client that waits for a place of the old pool is served', function* () {
    yield* serving(echo, { spawn: new Pool(0) }, function* (server) {
      const client = yield* dial(server)
      // The acceptor has seen the client once this other one, which comes later, is connected too.
      yield* dial(server)
      yield* sleep(0.01)
      server.setSpawn(new Pool(1))
      const answer = spawn(() => ask(client, 'hello'))
      expect(yield* answer.get(2)).toBe('hello')
    })
  })

  green('close by a function that spawns handlers: it closes, and nothing fails', function* () {
    const server: StreamServer = new StreamServer(LOOPBACK, echo, {
      spawn: (body) => {
        server.close()
        return spawn(body)
      },
    })
    const forever = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(0)
    const client = yield* dial(server)
    expect(yield* ask(client, 'served')).toBe('served')
    expect(yield* forever.join(2)).toBe(true)
    yield* client.close()
    expect(yield* caught(() => server.start())).toBe(undefined)
    yield* server.stop(0)
    expect(seen.failures).toEqual([])
  })
}
