import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import {
  createConnection,
  type Green,
  Listener,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  sleep,
  spawn,
  Timeout,
  waitRead,
  waitWrite,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green } from './green-harness.ts'
import { closeLater, LOOPBACK, MiB, pair, recvAll, recvExactly } from './green-io-harness.ts'

/** How a connection ends, and which waits end with it. */
export function endingTests(): void {
  green('SHUT_WR: the peer gets all, then the end; the other direction stays open', function* () {
    const [here, there] = yield* pair()
    here.sendall('last words')
    yield* here.shutdown(SHUT_WR)
    expect((yield* recvAll(there)).toString()).toBe('last words')
    const failure = yield* caught(function* () {
      yield* here.sendall('more')
    })
    expect(failure).toMatchObject({ code: 'EPIPE' })
    yield* there.sendall('answer')
    expect((yield* here.recv(100)).toString()).toBe('answer')
  })

  green('shutdown waits until the FIN is sent, after all unsent bytes', function* () {
    const [here, there] = yield* pair()
    const sent = noise(16 * MiB)
    here.sendall(sent)
    const ending = spawn(() => here.shutdown(SHUT_WR))
    yield* sleep(0.02)
    expect(ending.ready()).toBe(false)
    expect((yield* recvAll(there)).equals(sent)).toBe(true)
    yield* ending.get()
    yield* here.shutdown(SHUT_WR)
  })

  green('SHUT_RD ends a waiting read; SHUT_RDWR ends both directions', function* () {
    const [here, there] = yield* pair()
    const reading = spawn(() => here.recv(10))
    yield* sleep(0)
    yield* here.shutdown(SHUT_RD)
    expect(String(yield* reading.get())).toBe('')
    yield* there.sendall('dropped')
    yield* sleep(0.01)
    expect((yield* here.recv(10)).toString()).toBe('')
    yield* here.shutdown(SHUT_RDWR)
    expect((yield* there.recv(10)).toString()).toBe('')
  })

  green('a close ends a waiting read with EBADF', function* () {
    const [here, there] = yield* pair()
    const reading = spawn(() => caught(() => here.recv(10)))
    yield* sleep(0)
    yield* here.close()
    expect(yield* reading.get()).toMatchObject({ code: 'EBADF' })
    expect(here.closed).toBe(true)
    for (const call of [
      () => here.recv(1),
      () => here.sendall('x'),
      () => here.shutdown(SHUT_WR),
    ]) {
      expect(
        yield* caught(function* () {
          yield* call() as Green<unknown>
        }),
      ).toMatchObject({ code: 'EBADF' })
    }
    expect((yield* there.recv(10)).length).toBe(0)
    yield* here.close()
  })

  green('a close ends a waiting sendall with EBADF, and its bytes arrive', function* () {
    const [here, there] = yield* pair()
    const sent = noise(16 * MiB)
    const sending = spawn(() => caught(() => here.sendall(sent)))
    yield* sleep(0)
    const closing = spawn(() => here.close())
    expect(yield* sending.get()).toMatchObject({ code: 'EBADF' })
    expect((yield* recvAll(there)).equals(sent)).toBe(true)
    yield* closing.get()
  })

  green('abort drops unsent bytes', function* () {
    const [here, there] = yield* pair()
    here.sendall(noise(16 * MiB))
    yield* here.abort()
    const received = yield* caught(function* () {
      expect((yield* recvAll(there)).length).toBeLessThan(16 * MiB)
    })
    expect([undefined, 'ECONNRESET']).toContain((received as NodeJS.ErrnoException)?.code)
  })

  green('after a reset, bytes that came before it are read first, then the error', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const here = closeLater(yield* createConnection(listener.getsockname()))
    yield* listener.waitAcceptable()
    const peer = listener.acceptNowait()
    peer.write('before')
    yield* waitRead(here)
    peer.resetAndDestroy()
    expect((yield* here.recv(100)).toString()).toBe('before')
    expect(yield* caught(() => here.recv(100))).toMatchObject({ code: 'ECONNRESET' })
    expect(yield* caught(() => here.sendall('x') as Green<unknown>)).toBeInstanceOf(Error)
    listener.close()
  })

  green('settimeout: a wait without a byte ends with a Timeout, and nothing is lost', function* () {
    const [here, there] = yield* pair()
    expect(here.gettimeout()).toBe(null)
    here.settimeout(0.02)
    expect(here.gettimeout()).toBe(0.02)
    expect(yield* caught(() => here.recv(1))).toBeInstanceOf(Timeout)
    expect(yield* caught(() => here.recv(1))).toBeInstanceOf(Timeout)
    yield* there.sendall('x')
    expect((yield* here.recv(1)).toString()).toBe('x')
    const sent = noise(16 * MiB)
    expect(yield* caught(() => here.sendall(sent))).toBeInstanceOf(Timeout)
    expect((yield* recvExactly(there, sent.length)).equals(sent)).toBe(true)
    here.settimeout(null)
    for (const seconds of [0, -1, Number.NaN]) {
      expect(() => here.settimeout(seconds)).toThrow(RangeError)
    }
  })

  green('settimeout: a send goes on while the peer takes bytes within each timeout', function* () {
    const [here, there] = yield* pair()
    const sent = noise(16 * MiB)
    here.settimeout(0.1)
    const sending = spawn(() => here.sendall(sent))
    const received: Buffer[] = []
    for (let i = 0; i < 8; i++) {
      received.push(yield* recvExactly(there, 2 * MiB))
      yield* sleep(0.03)
    }
    expect(yield* sending.get()).toBe(undefined)
    expect(Buffer.concat(received).equals(sent)).toBe(true)
  })

  green('waitRead waits for bytes and takes none of them', function* () {
    const [here, there] = yield* pair()
    const waiting = spawn(() => waitRead(here))
    yield* sleep(0.01)
    expect(waiting.ready()).toBe(false)
    yield* there.sendall('xyz')
    yield* waiting.get()
    yield* waitRead(here)
    expect((yield* here.recv(100)).toString()).toBe('xyz')
    yield* there.close()
    yield* waitRead(here)
    expect((yield* here.recv(100)).length).toBe(0)
  })

  green('waitRead throws the given exception after its timeout', function* () {
    class TooLong extends Error {}
    const [here] = yield* pair()
    expect(yield* caught(() => waitRead(here, 0.001, TooLong))).toBeInstanceOf(TooLong)
    expect(yield* caught(() => waitRead(here, 0.001))).toBeInstanceOf(Timeout)
    const own = new TooLong()
    expect(yield* caught(() => waitRead(here, 0.001, own))).toBe(own)
  })

  green('waitWrite waits until the peer has taken the unsent bytes', function* () {
    const [here, there] = yield* pair()
    yield* waitWrite(here)
    here.sendall(noise(16 * MiB))
    expect(yield* caught(() => waitWrite(here, 0.01))).toBeInstanceOf(Timeout)
    const waiting = spawn(() => waitWrite(here))
    yield* recvExactly(there, 16 * MiB)
    yield* waiting.get()
  })

  green('Listener: a close ends a waiting accept, and acceptNowait never waits', function* () {
    const listener = yield* Listener.listen('127.0.0.1:0')
    const accepting = spawn(() => caught(() => listener.accept()))
    yield* sleep(0)
    listener.close()
    expect(yield* accepting.get()).toMatchObject({ code: 'EBADF' })
    expect(() => listener.acceptNowait()).toThrow('EBADF')
    const again = yield* Listener.listen(LOOPBACK)
    expect(() => again.acceptNowait()).toThrow('EAGAIN')
    again.close()
  })
}
