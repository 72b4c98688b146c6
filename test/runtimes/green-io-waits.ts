import { PassThrough } from 'node:stream'
import { expect } from 'vitest'
import {
  createConnection,
  FileObject,
  GreenSocket,
  Listener,
  SHUT_WR,
  sleep,
  spawn,
  Timeout,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green } from './green-harness.ts'
import { closeLater, LOOPBACK, MiB, pair } from './green-io-harness.ts'

/** Every ending reaches every wait: none goes on for ever, and none looks like a success. */
export function waitingTests(): void {
  for (const ending of ['abort', 'close', 'detach'] as const) {
    green(`${ending} ends a recv and a sendall that wait, with EBADF`, function* () {
      const [here, there] = yield* pair()
      const waiting = [
        spawn(() => caught(() => here.recv(1))),
        spawn(() => caught(() => here.sendall(Buffer.alloc(16 * MiB)))),
        spawn(() => caught(() => here.shutdown(SHUT_WR))),
      ]
      yield* sleep(0)
      const raw = ending === 'detach' ? here.detach() : undefined
      if (ending !== 'detach') here[ending]()
      for (const wait of waiting) expect(yield* wait.get(2)).toMatchObject({ code: 'EBADF' })
      raw?.destroy()
      yield* there.abort()
    })
  }

  green('after a close, the error is EBADF, even if the connection failed before', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const here = closeLater(yield* createConnection(listener.getsockname()))
    yield* listener.waitAcceptable()
    listener.acceptNowait().resetAndDestroy()
    expect(yield* caught(() => here.recv(1))).toMatchObject({ code: 'ECONNRESET' })
    yield* here.close()
    for (const call of [() => here.recv(1), () => here.sendall('x'), () => here.shutdown(SHUT_WR)])
      expect(yield* caught(() => call())).toMatchObject({ code: 'EBADF' })
    listener.close()
  })

  green('close and abort after detach return at once, and leave Node’s socket open', function* () {
    const [here, there] = yield* pair()
    const raw = here.detach()
    for (const ending of ['close', 'abort'] as const) {
      const closing = spawn(() => here[ending]())
      expect(yield* closing.join(2)).toBe(true)
    }
    raw.write('still open')
    expect((yield* there.recv(100)).toString()).toBe('still open')
    raw.destroy()
  })

  green('a close ends a waiting accept, even while a client is connected', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    closeLater(yield* createConnection(listener.getsockname()))
    closeLater(yield* listener.accept())
    const accepting = [1, 2].map(() => spawn(() => caught(() => listener.accept())))
    yield* sleep(0)
    listener.close()
    for (const wait of accepting) expect(yield* wait.get(2)).toMatchObject({ code: 'EBADF' })
  })

  green('a timeout reaches a sendall that begins while a recv without one waits', function* () {
    const [here] = yield* pair()
    const reading = spawn(() => caught(() => here.recv(1)))
    yield* sleep(0)
    here.settimeout(0.01)
    const sending = spawn(() => caught(() => here.sendall(Buffer.alloc(16 * MiB))))
    expect(yield* sending.get(2)).toBeInstanceOf(Timeout)
    yield* here.abort()
    yield* reading.join()
  })

  green('the close of a file ends a read that waits with EBADF, not as the end', function* () {
    const file = FileObject.reader(new PassThrough())
    const reading = spawn(() => caught(() => file.read()))
    yield* sleep(0)
    yield* file.close()
    expect(yield* reading.get(2)).toMatchObject({ code: 'EBADF' })
  })

  green('a stream that has ended or failed before a file is made of it', function* () {
    const [ended, failed] = [new PassThrough(), new PassThrough()]
    const failure = new Error('on purpose')
    ended.resume().end()
    failed.on('error', () => {}).destroy(failure)
    while (!ended.closed || !failed.closed) yield* sleep(0)
    const first = spawn(() => FileObject.reader(ended).read())
    expect(String(yield* first.get(2))).toBe('')
    const second = spawn(() => caught(() => FileObject.reader(failed).read()))
    expect(yield* second.get(2)).toBe(failure)
    expect(yield* caught(() => FileObject.writer(failed).waitWritable())).toBe(failure)
  })

  green('a connect by one greenlet does not hold up the timeout of another’s recv', function* () {
    const listener = yield* Listener.listen(LOOPBACK)
    const socket = closeLater(new GreenSocket())
    socket.settimeout(0.01)
    const connecting = spawn(() => socket.connect(listener.getsockname()))
    yield* sleep(0)
    const reading = spawn(() => caught(() => socket.recv(1)))
    expect(yield* reading.get(2)).toBeInstanceOf(Timeout)
    yield* connecting.get()
    listener.close()
  })
}
