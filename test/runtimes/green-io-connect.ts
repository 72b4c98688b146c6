import { Socket } from 'node:net'
import { expect } from 'vitest'
import {
  createConnection,
  GreenSocket,
  Listener,
  SHUT_WR,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { block, caught, green } from './green-harness.ts'
import { closeLater, LOOPBACK, pair } from './green-io-harness.ts'

/** Connecting: how it ends, and what a socket can do before and after. */
export function connectTests(): void {
  green('connecting takes no longer than the timeout of the socket', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const socket = new GreenSocket()
    socket.settimeout(0.001)
    const late = spawn(() => caught(() => socket.connect(listener.getsockname())))
    // In the same turn: when Node looks at sockets again, the time has passed.
    spawn(() => block(0.01))
    expect(yield* late.get()).toBeInstanceOf(Timeout)
    listener.close()
  })

  // gevent#26, and gevent's cancel_wait: EBADF, closed in another greenlet.
  for (const ending of ['abort', 'close', 'detach'] as const) {
    green(`${ending} under a connect that waits ends it with EBADF`, function* () {
      const listener = yield* Listener.listen(LOOPBACK)
      const socket = closeLater(new GreenSocket())
      const connecting = spawn(() => caught(() => socket.connect(listener.getsockname())))
      yield* sleep(0)
      const ended = socket[ending]()
      expect(yield* connecting.get(2)).toMatchObject({ code: 'EBADF' })
      if (ended instanceof Socket) ended.destroy()
      else yield* ended
      expect(socket.closed).toBe(true)
      listener.close()
    })
  }

  green('a socket that is closed does not connect any more', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const used = yield* createConnection(listener.getsockname())
    for (const socket of [used, new GreenSocket()]) {
      // At once, and not after the time that a peer has to take what is unsent.
      yield* new Timeout(5).scope(() => socket.close())
      const again = yield* caught(() => socket.connect(listener.getsockname()))
      expect(again).toMatchObject({ code: 'EBADF' })
      expect(socket.getsockname().port).toBe(0)
    }
    listener.close()
  })

  green('connect in two greenlets, and once more: one connection, as in gevent', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const socket = closeLater(new GreenSocket())
    const both = [1, 2].map(() => spawn(() => socket.connect(listener.getsockname())))
    for (const connecting of both) yield* connecting.get()
    const server = closeLater(yield* listener.accept())
    for (const end of [socket, server]) yield* end.connect(listener.getsockname())
    yield* socket.sendall('still the same')
    expect((yield* server.recv(100)).toString()).toBe('still the same')
    listener.close()
  })

  green('before it connects, a socket says what recv(2) and the like say', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const socket = closeLater(new GreenSocket())
    for (const [call, code] of [
      [() => socket.recv(1), 'ENOTCONN'],
      [() => socket.waitReadable(), 'ENOTCONN'],
      [() => socket.waitWritable(), 'ENOTCONN'],
      [() => socket.shutdown(SHUT_WR), 'ENOTCONN'],
      [() => socket.sendall('x'), 'EPIPE'],
    ] as const) {
      const failure = spawn(() => caught(() => call()))
      expect(yield* failure.get(2)).toMatchObject({ code })
    }
    yield* socket.connect(listener.getsockname())
    const server = closeLater(yield* listener.accept())
    yield* socket.sendall('x')
    expect((yield* server.recv(1)).toString()).toBe('x')
    listener.close()
  })

  green('a socket of Node’s that is destroyed already has ended', function* () {
    const [here] = yield* pair()
    const raw = here.detach()
    raw.destroy()
    yield* sleep(0)
    const late = closeLater(new GreenSocket(raw))
    const reading = spawn(() => caught(() => late.recv(1)))
    expect(yield* reading.get(2)).toMatchObject({ code: 'ENOTCONN' })
    yield* late.close()
  })
}
