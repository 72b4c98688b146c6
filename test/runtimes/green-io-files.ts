import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  FileObject,
  type Green,
  run,
  sleep,
  spawn,
  waitRead,
} from '../../servers/07-green-threads/gevent.ts'
import { bytes, cut, sizes } from '../protocol/arbitrary.ts'
import { caught, green } from './green-harness.ts'
import { KiB, pair, recvAll } from './green-io-harness.ts'

/** A file whose bytes come in exactly these pieces. */
function fileOf(pieces: readonly (Buffer | string)[]): FileObject {
  const left = pieces.map((piece) => Buffer.from(piece)).filter(({ length }) => length > 0)
  function* recv(): Green<Buffer> {
    yield* sleep(0)
    return left.shift() ?? Buffer.alloc(0)
  }
  function* waitReadable(): Green<void> {}
  return new FileObject({ recv, waitReadable }, undefined)
}

/** What makefile gives: lines, and a buffer for each direction. */
export function fileTests(): void {
  test('readline gives the same lines, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, sizes, (whole, sizes) =>
        run(function* () {
          const file = fileOf(cut(whole, sizes))
          const lines: string[] = []
          for (;;) {
            const line = yield* file.readline()
            if (line.length === 0) break
            lines.push(line.toString('latin1'))
          }
          expect(lines).toEqual(whole.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [])
        }),
      ),
    )
  })

  green('read: gives a number of bytes, fewer at the end, and without a number all', function* () {
    const file = fileOf(['ab', 'cdef', 'g', 'hij'])
    expect((yield* file.read(3)).toString()).toBe('abc')
    expect((yield* file.read(0)).toString()).toBe('')
    expect((yield* file.read(2)).toString()).toBe('de')
    expect((yield* file.read(100)).toString()).toBe('fghij')
    expect((yield* file.read(1)).toString()).toBe('')
    expect((yield* fileOf(['ab', 'c']).read()).toString()).toBe('abc')
  })

  green('readline gives no more than its limit, and then the rest of the line', function* () {
    const file = fileOf(['abc', 'def\ngh\n'])
    const lines: string[] = []
    for (let i = 0; i < 4; i++) lines.push((yield* file.readline(4)).toString())
    expect(lines).toEqual(['abcd', 'ef\n', 'gh\n', ''])
    expect((yield* fileOf(['abc\n']).readline(4)).toString()).toBe('abc\n')
  })

  green('write keeps bytes until a flush, a full buffer, or a close sends them', function* () {
    const [here, there] = yield* pair()
    const file = here.makefile()
    yield* file.write('hello ')
    yield* file.write(Buffer.from('world'))
    yield* sleep(0.01)
    const reading = spawn(() => there.recv(100))
    yield* sleep(0)
    expect(reading.ready()).toBe(false)
    yield* file.flush()
    expect(String(yield* reading.get())).toBe('hello world')
    yield* file.write('x'.repeat(8 * KiB))
    expect((yield* there.recv(1)).toString()).toBe('x')
    yield* file.write('last')
    yield* file.close()
    yield* here.close()
    expect((yield* recvAll(there)).toString().slice(8 * KiB - 1)).toBe('last')
  })

  green('closing a file leaves its socket open', function* () {
    const [here, there] = yield* pair()
    const file = here.makefile()
    yield* file.close()
    yield* file.close()
    expect(file.closed).toBe(true)
    expect(yield* caught(() => file.readline())).toBeInstanceOf(TypeError)
    expect(() => file.write('x')).toThrow('closed')
    yield* here.sendall('still open')
    expect((yield* there.recv(100)).toString()).toBe('still open')
  })

  green('waitRead returns at once for bytes that a file has read ahead', function* () {
    const [here, there] = yield* pair()
    yield* there.sendall('one\ntwo\n')
    const file = here.makefile()
    expect((yield* file.readline()).toString()).toBe('one\n')
    yield* waitRead(file, 0.01)
    expect((yield* file.readline()).toString()).toBe('two\n')
  })

  green('a FileObject reads or writes a stream of Node’s', function* () {
    const stream = new PassThrough()
    const [writer, reader] = [FileObject.writer(stream), FileObject.reader(stream)]
    const reading = spawn(() => reader.read())
    yield* writer.write('through')
    yield* writer.close()
    expect(String(yield* reading.get())).toBe('through')
    expect(() => reader.write('x')).toThrow('not open to write')
    const unread = FileObject.reader(new PassThrough())
    yield* unread.close()
    expect(unread.closed).toBe(true)
  })
}
