import { expect } from 'vitest'
import {
  createConnection,
  type Green,
  GreenSocket,
  Listener,
  Pool,
  type Spawn,
  StreamServer,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green } from './green-harness.ts'
import { LOOPBACK, pair } from './green-io-harness.ts'
import { ask, dial, echo, serving } from './green-server-spawn.ts'

const TEXTS = ['5', 'soon', true, {}] as unknown as number[]
const NAN = Number.NaN

/** What a call throws when it is made, or when it is waited for; undefined after two seconds. */
function* refusal(call: () => unknown): Green<unknown> {
  const calling = spawn(() => caught(call as () => Green<unknown>))
  return yield* calling.get(2)
}

function* refuses(call: (number: number) => unknown, ...bad: number[]): Green<void> {
  for (const number of bad)
    expect(yield* refusal(() => call(number)), `${number}`).toBeInstanceOf(RangeError)
  for (const text of TEXTS)
    expect(yield* refusal(() => call(text)), `${text}`).toBeInstanceOf(TypeError)
}

/** Numbers that sockets, files and servers refuse where they are given. */
export function ioNumberTests(): void {
  green('recv: a number of bytes; a wrong one is no end of the stream', function* () {
    const [here, there] = yield* pair()
    yield* there.sendall('abc')
    yield* refuses((count) => here.recv(count), NAN, -1, 1.5)
    expect((yield* here.recv(100)).toString()).toBe('abc')
  })

  green('settimeout: seconds', function* () {
    const socket = new GreenSocket()
    yield* refuses((seconds) => socket.settimeout(seconds), NAN, -1, 0)
    expect(socket.gettimeout()).toBe(null)
    yield* socket.abort()
  })

  green(
    'shutdown: SHUT_RD, SHUT_WR or SHUT_RDWR, and otherwise EINVAL as in shutdown(2)',
    function* () {
      const [here, there] = yield* pair()
      for (const how of [NAN, 3, -1, '1' as unknown as number])
        expect(yield* refusal(() => here.shutdown(how))).toMatchObject({ code: 'EINVAL' })
      yield* here.sendall('still open')
      expect((yield* there.recv(100)).toString()).toBe('still open')
    },
  )

  green('a port: 0 to 65535', function* () {
    for (const port of [NAN, -1, 65536, 1.5]) {
      expect(yield* refusal(() => createConnection(['127.0.0.1', port]))).toBeInstanceOf(RangeError)
      expect(yield* refusal(() => Listener.listen(['127.0.0.1', port]))).toBeInstanceOf(RangeError)
    }
  })

  green('a backlog and a high-water mark: whole numbers', function* () {
    yield* refuses((backlog) => Listener.listen(LOOPBACK, { backlog }), NAN, -1, 1.5)
    yield* refuses((highWater) => Listener.listen(LOOPBACK, { highWater }), NAN, -1, 1.5)
  })

  green('file: read and readline take a number of bytes', function* () {
    const [here, there] = yield* pair()
    yield* there.sendall('abc\n')
    const file = here.makefile()
    yield* refuses((count) => file.read(count), NAN, -1, 1.5)
    yield* refuses((limit) => file.readline(limit), NAN, -1, 1.5)
    expect((yield* file.readline()).toString()).toBe('abc\n')
  })

  green('server: a time limit of stop is checked before anything stops', function* () {
    yield* serving(echo, { spawn: 5 }, function* (server) {
      yield* refuses((timeout) => server.stop(timeout), NAN)
      expect(yield* ask(yield* dial(server), 'still here')).toBe('still here')
    })
  })

  for (const name of ['minDelay', 'maxDelay', 'maxAccept'] as const) {
    green(`server: a wrong ${name} is refused by start, which leaves it closed`, function* () {
      for (const [wrong, kind] of [
        [NAN, RangeError],
        ['5' as unknown as number, TypeError],
        ...(name === 'maxAccept' ? [[0, RangeError] as const] : []),
      ] as const) {
        const server = new StreamServer(LOOPBACK, echo)
        server[name] = wrong
        expect(yield* refusal(() => server.start())).toBeInstanceOf(kind)
        expect([server.started, server.closed]).toEqual([false, true])
      }
    })
  }

  green('server: spawn takes the size of a pool, and handshakeTimeout seconds', function* () {
    for (const wrong of [NAN, -1, 1.5])
      expect(() => new StreamServer(LOOPBACK, echo, { spawn: wrong })).toThrow(RangeError)
    for (const wrong of ['5', true, {}] as unknown as Spawn[])
      expect(() => new StreamServer(LOOPBACK, echo, { spawn: wrong })).toThrow(TypeError)
    yield* refuses(
      (handshakeTimeout) => {
        new StreamServer(LOOPBACK, echo, { handshakeTimeout })
      },
      NAN,
      -1,
      0,
    )
    expect(new StreamServer(LOOPBACK, echo, { spawn: new Pool(0) }).full()).toBe(true)
  })
}
