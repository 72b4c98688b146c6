import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import {
  ConcurrentObjectUseError,
  createConnection,
  GreenletExit,
  GreenSocket,
  Listener,
  run,
  sleep,
  spawn,
  Timeout,
  withTimeout,
} from '../../servers/07-green-threads/gevent.ts'
import { Input } from '../../servers/07-green-threads/input.ts'
import { bytes, cut, sizes } from '../protocol/arbitrary.ts'
import { block, caught, green, turns } from './green-harness.ts'
import { LOOPBACK, MiB, pair, recvAll, recvExactly } from './green-io-harness.ts'

/** Connecting, sending and receiving, and how many may do so at a time. */
export function socketTests(): void {
  green('connect, sendall and recv work, and both ends know both addresses', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const client = new GreenSocket()
    yield* client.connect(['127.0.0.1', listener.getsockname().port])
    const server = yield* listener.accept()
    expect(client.getpeername()).toEqual(server.getsockname())
    expect(client.getsockname()).toEqual(server.getpeername())
    expect(server.getsockname()).toEqual(listener.getsockname())
    yield* client.sendall('grün\n')
    expect((yield* server.recv(100)).toString()).toBe('grün\n')
    client.close()
    expect((yield* server.recv(100)).length).toBe(0)
    yield* server.close()
    listener.close()
  })

  green('connecting to a closed port fails with ECONNREFUSED', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const address = listener.getsockname()
    listener.close()
    const refused = { code: 'ECONNREFUSED' }
    expect(yield* caught(() => createConnection(address))).toMatchObject(refused)
  })

  green('connecting takes no longer than its timeout', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const late = spawn(() => caught(() => createConnection(listener.getsockname(), 0.001)))
    // This runs in the same turn: the time has passed before Node looks at sockets again.
    spawn(() => block(0.01))
    expect(yield* late.get()).toBeInstanceOf(Timeout)
    listener.close()
  })

  green('pieces that nobody waits for are joined, however small they are', function* () {
    const stream = new Readable({ read() {} })
    const input = new Input(stream)
    const sent = noise(10_000)
    for (const byte of sent) stream.push(Buffer.of(byte))
    yield* turns(2)
    const pieces = [yield* input.recv(20_000), yield* input.recv(20_000)]
    expect(pieces.map(({ length }) => length)).toEqual([1, 9_999])
    expect(Buffer.compare(Buffer.concat(pieces), sent)).toBe(0)
  })

  green('recv returns no more bytes than it is asked for, and keeps the rest', function* () {
    const [here, there] = yield* pair()
    yield* here.sendall('abcdef')
    expect((yield* there.recv(2)).toString()).toBe('ab')
    expect((yield* there.recv(0)).toString()).toBe('')
    expect((yield* there.recv(1)).toString()).toBe('c')
    expect((yield* there.recv(100)).toString()).toBe('def')
  })

  test('the bytes are the same, however they are cut and read', async () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(bytes, sizes, amounts, (whole, sizes, amounts) =>
        run(function* () {
          const [here, there] = yield* pair()
          const sending = spawn(function* () {
            for (const piece of cut(whole, sizes)) {
              yield* here.sendall(piece)
              yield* sleep(0)
            }
            yield* here.shutdown(1)
          })
          const received: Buffer[] = []
          for (let i = 0; ; i++) {
            const amount = amounts[i % amounts.length]!
            const chunk = yield* there.recv(amount)
            expect(chunk.length).toBeLessThanOrEqual(amount)
            if (chunk.length === 0) break
            received.push(chunk)
          }
          yield* sending.get()
          expect(Buffer.concat(received).equals(whole)).toBe(true)
          for (const socket of [here, there]) yield* socket.abort()
        }),
      ),
      { numRuns: 50 },
    )
  })

  green('a second concurrent read of a socket is refused, and the first goes on', function* () {
    const [here, there] = yield* pair()
    const first = spawn(() => here.recv(10))
    yield* sleep(0)
    expect(yield* caught(() => here.recv(10))).toBeInstanceOf(ConcurrentObjectUseError)
    expect(yield* caught(() => here.waitReadable())).toBeInstanceOf(ConcurrentObjectUseError)
    yield* there.sendall('x')
    expect(String(yield* first.get())).toBe('x')
  })

  green('one greenlet reads while another writes', function* () {
    const [here, there] = yield* pair()
    const sent = noise(MiB)
    const echo = spawn(function* () {
      for (;;) {
        const chunk = yield* there.recv(65536)
        if (chunk.length === 0) return
        yield* there.sendall(chunk)
      }
    })
    spawn(function* () {
      yield* here.sendall(sent)
      yield* here.shutdown(1)
    })
    expect((yield* recvExactly(here, MiB)).equals(sent)).toBe(true)
    yield* echo.get()
  })

  green('several greenlets may send at a time, and each piece arrives whole', function* () {
    const [here, there] = yield* pair()
    const letters = ['a', 'b', 'c', 'd']
    const senders = letters.map((letter) => spawn(() => here.sendall(letter.repeat(MiB))))
    const received = (yield* recvExactly(there, 4 * MiB)).toString()
    for (const sender of senders) yield* sender.get()
    expect(received === letters.map((letter) => letter.repeat(MiB)).join('')).toBe(true)
  })

  green('a wait that a kill or a timeout ends loses no byte', function* () {
    const [here, there] = yield* pair()
    const killed = spawn(() => here.recv(10))
    yield* sleep(0)
    yield* killed.kill()
    expect(yield* withTimeout(0.001, () => here.recv(10), 'late')).toBe('late')
    const killedTogether = spawn(() => here.recv(10))
    yield* sleep(0)
    yield* there.sendall('all of it')
    killedTogether.kill()
    const value = yield* killedTogether.get()
    const rest = value instanceof GreenletExit ? yield* here.recv(10) : value
    expect(String(rest)).toBe('all of it')
  })

  green('sendall waits while a peer does not read, and loses nothing', function* () {
    const [here, there] = yield* pair()
    const sent = noise(16 * MiB)
    let isSent = false
    const sending = spawn(function* () {
      for (const piece of cut(sent, Array(256).fill(65536))) yield* here.sendall(piece)
      isSent = true
      yield* here.shutdown(1)
    })
    yield* sleep(0.05)
    expect(isSent).toBe(false)
    expect((yield* recvAll(there)).equals(sent)).toBe(true)
    yield* sending.get()
  })

  green('the high-water mark sets how many bytes may be unsent', function* () {
    const [patient] = yield* pair(64 * MiB)
    const sent = noise(16 * MiB)
    yield* patient.sendall(sent)
    yield* patient.waitWritable()
    const [impatient, there] = yield* pair(500)
    expect(yield* withTimeout(0.01, () => impatient.sendall(sent), 'late')).toBe('late')
    expect(yield* withTimeout(0.01, () => impatient.waitWritable(), 'late')).toBe('late')
    expect((yield* recvExactly(there, 16 * MiB)).equals(sent)).toBe(true)
    yield* impatient.waitWritable()
  })

  green('ten thousand small sends, closed in the middle: what was sent arrives', function* () {
    const [here, there] = yield* pair()
    const reading = spawn(() => recvAll(there))
    let done = 0
    let failed = 0
    function* send() {
      if (yield* caught(() => here.sendall('x'))) failed += 1
      else done += 1
    }
    const senders = Array.from({ length: 10_000 }, () => spawn(send))
    senders[4999]!.link(() => here.close())
    for (const sender of senders) yield* sender.get()
    expect(done + failed).toBe(10_000)
    expect(((yield* reading.get()) as Buffer).length).toBe(done)
    yield* turns(1)
  })
}
