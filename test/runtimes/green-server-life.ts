import { readdirSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import {
  type Green,
  Listener,
  StreamServer,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { IS_LINUX } from '../contract/variant.ts'
import { caught, green, untilKilled } from './green-harness.ts'
import { LOOPBACK, recvAll } from './green-io-harness.ts'
import { ask, dial, echo, serving } from './green-server-spawn.ts'

/** A server of Node's that listens. */
export function* listening(): Green<Server> {
  const server = createServer().listen(0, '127.0.0.1')
  while (!server.listening) yield* sleep(0)
  return server
}

/** When a server listens and accepts, where, and how it stops. */
export function lifeTests(): void {
  green('a server is closed before start and after stop; started and closed say so', function* () {
    const server = new StreamServer(LOOPBACK, echo)
    expect([server.started, server.closed]).toEqual([false, true])
    expect(() => server.serverPort).toThrow('closed')
    yield* server.start()
    yield* server.start()
    const { address } = server
    expect([server.started, server.closed]).toEqual([true, false])
    expect([server.serverHost, server.serverPort]).toEqual([address.address, address.port])
    expect(yield* ask(yield* dial(server), 'in')).toBe('in')
    yield* server.stop()
    expect([server.started, server.closed]).toEqual([false, true])
    const refused = yield* caught(() => dial({ address } as StreamServer))
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
  })

  green('20 starts and stops in a row all use the same port', function* () {
    const server = new StreamServer(LOOPBACK, echo, { spawn: 10 })
    const ports = new Set<number>()
    for (let round = 0; round < 20; round++) {
      yield* server.start()
      ports.add(server.serverPort)
      expect(yield* ask(yield* dial(server), `round ${round}`)).toBe(`round ${round}`)
      yield* server.stop(0)
    }
    expect(ports.size).toBe(1)
  })

  green('a thousand failed binds leak no descriptor', function* () {
    yield* serving(echo, {}, function* (server) {
      const { address, port } = server.address
      const open = () => (IS_LINUX ? readdirSync('/proc/self/fd').length : 0)
      const before = open()
      for (let attempt = 0; attempt < 1000; attempt++) {
        const second = new StreamServer([address, port], echo)
        expect(yield* caught(() => second.start())).toMatchObject({ code: 'EADDRINUSE' })
        expect([second.started, second.closed]).toEqual([false, true])
      }
      expect(open()).toBeLessThanOrEqual(before + 1)
    })
  })

  green('a server listens on a pair, a text, a port, or a listening socket', function* () {
    const where = [LOOPBACK, '127.0.0.1:0', '[::1]:0', ':0', '0', 0, yield* listening()]
    for (const listener of [...where, yield* Listener.listen(LOOPBACK)]) {
      const server = new StreamServer(listener, echo)
      yield* server.start()
      const { family, port } = server.address
      const client = yield* dial({
        address: { address: family === 'IPv6' ? '::1' : '127.0.0.1', port },
      } as StreamServer)
      expect(yield* ask(client, 'hello')).toBe('hello')
      yield* server.stop(0)
    }
    const nowhere = new StreamServer('nowhere', echo)
    expect(yield* caught(() => nowhere.start())).toBeInstanceOf(TypeError)
  })

  green('a backlog for a socket that listens already is an error', function* () {
    const [server, listener] = [yield* listening(), yield* Listener.listen(LOOPBACK)]
    for (const open of [server, listener]) {
      expect(() => new StreamServer(open, echo, { backlog: 5 })).toThrow('backlog')
    }
    server.close()
    listener.close()
    expect(() => new StreamServer(server, echo)).toThrow('not listening')
  })

  green('stopAccepting lets new clients wait, and startAccepting serves them', function* () {
    yield* serving(echo, {}, function* (server) {
      const inside = yield* dial(server)
      expect(yield* ask(inside, 'in')).toBe('in')
      server.stopAccepting()
      const answer = spawn(function* () {
        return yield* ask(yield* dial(server), 'me')
      })
      for (let turn = 0; turn < 20; turn++) yield* ask(inside, 'still in')
      expect(answer.ready()).toBe(false)
      server.startAccepting()
      server.startAccepting()
      expect(yield* answer.get()).toBe('me')
    })
  })

  green('stop closes the listener first and lets the pool finish', function* () {
    const server = new StreamServer(LOOPBACK, echo, { spawn: 5 })
    yield* server.start()
    const { address } = server
    const client = yield* dial(server)
    yield* ask(client, 'in')
    const stopping = spawn(() => server.stop(10))
    yield* sleep(0)
    expect(yield* caught(() => dial({ address } as StreamServer))).toBeInstanceOf(Error)
    expect(yield* ask(client, 'last words')).toBe('last words')
    expect(stopping.ready()).toBe(false)
    yield* client.close()
    yield* stopping.get()
  })

  green('after its timeout stop kills the handlers and turns waiting clients away', function* () {
    let end: string | undefined
    function* handle(): Green<void> {
      end = yield* untilKilled()
    }
    const server = new StreamServer(LOOPBACK, handle, { spawn: 1 })
    yield* server.start()
    const [inside, outside] = [yield* dial(server), yield* dial(server)]
    yield* sleep(0.01)
    yield* server.stop(0.01)
    expect(end).toBe('killed')
    expect(yield* recvAll(inside)).toHaveLength(0)
    yield* caught(() => recvAll(outside))
  })

  green('close leaves the handlers alone', function* () {
    yield* serving(echo, { spawn: 5 }, function* (server) {
      const client = yield* dial(server)
      yield* ask(client, 'in')
      server.close()
      expect(server.closed).toBe(true)
      expect(yield* ask(client, 'still in')).toBe('still in')
    })
  })

  green('serveForever starts, waits for the close, and then ends the handlers', function* () {
    const server = new StreamServer(LOOPBACK, untilKilled, { spawn: 5 })
    server.stopTimeout = 0.01
    const forever = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(0)
    const client = yield* dial(server)
    yield* sleep(0.01)
    server.close()
    yield* forever.get()
    expect(yield* recvAll(client)).toHaveLength(0)
  })

  green('a kill of serveForever stops the server', function* () {
    const server = new StreamServer(LOOPBACK, echo, { spawn: 5 })
    const forever = spawn(() => server.serveForever())
    while (!server.started) yield* sleep(0)
    yield* forever.kill()
    expect(server.closed).toBe(true)
  })

  test('the defaults are those of gevent', () => {
    const { maxAccept, minDelay, maxDelay, stopTimeout } = new StreamServer(LOOPBACK, echo)
    expect([maxAccept, minDelay, maxDelay, stopTimeout]).toEqual([100, 0.01, 1, 1])
  })
}
