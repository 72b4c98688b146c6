import { expect } from 'vitest'
import {
  createConnection,
  type Green,
  GreenletExit,
  type GreenSocket,
  Pool,
  type ServerOptions,
  StreamServer,
  sleep,
  spawn,
  spawnLater,
} from '../../servers/07-green-threads/gevent.ts'
import type { Address } from '../../servers/posix/api.ts'
import { caught, green, untilKilled, watchFailures } from './green-harness.ts'
import { closeLater, LOOPBACK, recvAll } from './green-io-harness.ts'

/** A client of `server`. */
export function* dial(server: StreamServer): Green<GreenSocket> {
  return closeLater(yield* createConnection(server.address))
}

/** Says `text` and returns the answer to it. */
export function* ask(client: GreenSocket, text: string): Green<string> {
  yield* client.sendall(text)
  return (yield* client.recv(100)).toString()
}

/** Echoes until the peer's FIN. */
export function* echo(socket: GreenSocket): Green<void> {
  for (;;) {
    const chunk = yield* socket.recv(65536)
    if (chunk.length === 0) return
    yield* socket.sendall(chunk)
  }
}

/** Starts a server, runs `body` with it, and stops it. */
export function* serving(
  handle: (socket: GreenSocket, address: Address) => unknown,
  options: ServerOptions,
  body: (server: StreamServer) => Green<void>,
): Green<void> {
  const server = new StreamServer(LOOPBACK, handle, options)
  yield* server.start()
  try {
    yield* body(server)
  } finally {
    yield* server.stop(0)
  }
}

/** Where the handler runs, how many run at a time, and what the end of one means. */
export function spawnTests(): void {
  const seen = watchFailures()

  green('the handler is given a socket and the address of its peer', function* () {
    function* handle(socket: GreenSocket, address: Address): Green<void> {
      expect(address).toEqual(socket.getpeername())
      yield* socket.sendall(String(address.port))
    }
    yield* serving(handle, {}, function* (server) {
      const client = yield* dial(server)
      expect((yield* recvAll(client)).toString()).toBe(String(client.getsockname().port))
    })
  })

  green('a handler that returns closes its client, after all that was sent', function* () {
    const handle = (socket: GreenSocket) => socket.sendall('x'.repeat(1_000_000))
    yield* serving(handle, {}, function* (server) {
      expect(yield* recvAll(yield* dial(server))).toHaveLength(1_000_000)
    })
  })

  green('a handler that throws closes its client, is reported, and costs no other', function* () {
    const failure = new Error('on purpose')
    function* handle(socket: GreenSocket): Green<void> {
      for (;;) {
        const chunk = yield* socket.recv(100)
        if (String(chunk) === 'throw') throw failure
        yield* socket.sendall(chunk)
      }
    }
    yield* serving(handle, { spawn: 2 }, function* (server) {
      const [bystander, victim] = [yield* dial(server), yield* dial(server)]
      expect(yield* ask(victim, 'fine')).toBe('fine')
      expect(yield* ask(victim, 'throw')).toBe('')
      expect(seen.failures).toEqual([failure])
      expect(yield* ask(bystander, 'still here')).toBe('still here')
      // The pool has two places: the one of the victim is free again.
      expect(yield* ask(yield* dial(server), 'me too')).toBe('me too')
    })
  })

  green('default: each handler runs in a greenlet of its own', function* () {
    yield* serving(echo, {}, function* (server) {
      const clients = [yield* dial(server), yield* dial(server), yield* dial(server)]
      for (const client of clients) expect(yield* ask(client, 'hello')).toBe('hello')
      expect(server.full()).toBe(false)
    })
  })

  green('an integer is the size of a pool: at 2 the third client waits', function* () {
    yield* serving(echo, { spawn: 2 }, function* (server) {
      const [first, second] = [yield* dial(server), yield* dial(server)]
      for (const client of [first, second]) expect(yield* ask(client, 'in')).toBe('in')
      expect(server.full()).toBe(true)
      const third = yield* dial(server)
      const answer = spawn(() => ask(third, 'third'))
      for (let turn = 0; turn < 20; turn++) yield* ask(second, 'still in')
      expect(answer.ready()).toBe(false)
      yield* first.close()
      expect(yield* answer.get()).toBe('third')
    })
  })

  green('a Pool may hold other greenlets as well', function* () {
    const pool = new Pool(1)
    yield* serving(echo, { spawn: pool }, function* (server) {
      const other = yield* pool.spawn(untilKilled)
      const answer = spawn(function* () {
        return yield* ask(yield* dial(server), 'hello')
      })
      yield* sleep(0.01)
      expect([server.full(), answer.ready()]).toEqual([true, false])
      other.kill()
      expect(yield* answer.get()).toBe('hello')
    })
  })

  green('a function starts the greenlet for the handler', function* () {
    let count = 0
    const later = (body: () => unknown) => {
      count += 1
      return spawnLater(0.001, body)
    }
    yield* serving(echo, { spawn: later }, function* (server) {
      expect(yield* ask(yield* dial(server), 'hello')).toBe('hello')
      expect(count).toBe(1)
    })
  })

  green('a function that throws costs that one connection', function* () {
    const failure = new Error('no greenlet today')
    const fails = () => {
      throw failure
    }
    yield* serving(echo, { spawn: fails }, function* (server) {
      expect(yield* recvAll(yield* dial(server))).toHaveLength(0)
      expect(seen.failures).toEqual([failure])
      server.setSpawn('default')
      expect(yield* ask(yield* dial(server), 'hello')).toBe('hello')
    })
  })

  green('none: the handler runs in the hub', function* () {
    const handle = (socket: GreenSocket) => socket.sendall('from the hub')
    yield* serving(handle, { spawn: 'none' }, function* (server) {
      expect((yield* recvAll(yield* dial(server))).toString()).toBe('from the hub')
    })
    expect(seen.failures).toEqual([])
  })

  green('none: a handler that waits fails, since only a greenlet can wait', function* () {
    yield* serving(echo, { spawn: 'none' }, function* (server) {
      expect(yield* recvAll(yield* dial(server))).toHaveLength(0)
    })
    expect(String(seen.failures)).toContain('only a greenlet can wait')
  })

  green('a handler that is killed before it has begun closes its client too', function* () {
    const killed = (body: () => unknown) => {
      const greenlet = spawn(body)
      greenlet.kill(new GreenletExit('at once'))
      return greenlet
    }
    yield* serving(echo, { spawn: killed }, function* (server) {
      expect(yield* recvAll(yield* dial(server))).toHaveLength(0)
    })
  })

  green('setHandle and setSpawn hold for clients that come later', function* () {
    yield* serving(echo, {}, function* (server) {
      const before = yield* dial(server)
      expect(yield* ask(before, 'x')).toBe('x')
      server.setHandle((socket) => socket.sendall('another'))
      server.setSpawn(new Pool(0))
      expect(server.full()).toBe(true)
      server.setSpawn('default')
      expect((yield* recvAll(yield* dial(server))).toString()).toBe('another')
      expect(yield* ask(before, 'y')).toBe('y')
    })
  })

  green('a handler whose client has left fails, and its place is free again', function* () {
    let failure: unknown
    function* handle(socket: GreenSocket): Green<void> {
      failure = yield* caught(function* () {
        for (;;) yield* socket.sendall(Buffer.alloc(100_000))
      })
    }
    yield* serving(handle, { spawn: 1 }, function* (server) {
      const client = yield* dial(server)
      yield* client.recv(1)
      yield* client.abort()
      // The place is free again.
      const next = yield* dial(server)
      yield* next.recv(1)
      expect(failure).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
    })
  })
}
