import { PassThrough } from 'node:stream'
import { expect } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import {
  FileObject,
  type Green,
  type GreenSocket,
  SHUT_WR,
  sleep,
  spawn,
} from '../../servers/07-green-threads/gevent.ts'
import { caught, green } from './green-harness.ts'
import { MiB, pair, recvAll } from './green-io-harness.ts'

/** What a call throws, when it is made or when it is waited for. */
function* refusal(call: () => Green<unknown>): Green<unknown> {
  return yield* caught(call)
}

/** A write after the end is refused, and what was sent before still arrives. */
export function lateWriteTests(): void {
  const endings: readonly [string, (socket: GreenSocket) => Green<void>, string][] = [
    ['close', (socket) => socket.close(), 'EBADF'],
    ['shutdown', (socket) => socket.shutdown(SHUT_WR), 'EPIPE'],
  ]
  for (const [name, end, code] of endings) {
    green(`socket: after ${name} a send is refused, and 20 MiB arrive`, function* () {
      const [here, there] = yield* pair()
      const owed = noise(20 * MiB)
      here.sendall(owed)
      const ending = end(here)
      for (let i = 0; i < 3; i++)
        expect(yield* refusal(() => here.sendall('late'))).toMatchObject({ code })
      expect((yield* recvAll(there)).equals(owed)).toBe(true)
      yield* ending
    })
  }

  green('file: what it keeps is sent by the close of its socket; then it is closed', function* () {
    const [here, there] = yield* pair()
    const file = here.makefile()
    const owed = noise(20 * MiB)
    file.write(owed)
    file.write('kept')
    const closing = here.close()
    expect(yield* refusal(() => file.write('late'))).toBeInstanceOf(TypeError)
    expect(yield* refusal(() => file.flush())).toBeInstanceOf(TypeError)
    const received = yield* recvAll(there)
    expect(received.subarray(-4).toString()).toBe('kept')
    expect(received.subarray(0, -4).equals(owed)).toBe(true)
    yield* closing
    yield* file.close()
  })

  green('file: its close fails if the connection has; it is closed all the same', function* () {
    const [here] = yield* pair()
    const file = here.makefile()
    file.write('kept')
    yield* here.abort()
    expect(yield* refusal(() => file.close())).toMatchObject({ code: 'EBADF' })
    expect(file.closed).toBe(true)
    yield* file.close()
  })

  green('pipe: after the close of its file a write is refused, and all arrives', function* () {
    const stream = new PassThrough()
    const file = FileObject.writer(stream)
    const owed = noise(MiB)
    file.write(owed)
    const closing = spawn(() => file.close())
    yield* sleep(0)
    expect(yield* refusal(() => file.write('late'))).toBeInstanceOf(TypeError)
    const second = FileObject.writer(stream)
    second.write('late')
    expect(yield* refusal(() => second.flush())).toMatchObject({ code: 'EPIPE' })
    const received = yield* FileObject.reader(stream).read()
    expect(received.equals(owed)).toBe(true)
    yield* closing.get()
  })
}
