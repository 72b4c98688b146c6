/**
 * How does a greenlet read lines, or exact numbers of bytes, from a socket or a pipe? Through a
 * file, which has a buffer for each direction.
 */
import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { NEWLINE_BYTE } from '../bytes/bytes.ts'
import { SystemError } from '../posix/api.ts'
import { DONE, type Green } from './hub.ts'
import { Input } from './input.ts'
import { checkCount } from './numbers.ts'
import { Output } from './output.ts'

/** What a file reads from: a socket, or one end of a pipe. */
export type Source = Pick<Input, 'recv' | 'waitReadable'>

/** What a file writes to. */
export type Sink = Pick<Output, 'sendall' | 'waitWritable'>

/** How many bytes are read at a time, and how many are kept before they are sent. As in Python. */
const BUFFER_SIZE = 8192

/**
 * A file of bytes on a socket or a pipe: what `makefile` and `Popen` give. Modelled on gevent's
 * FileObject.
 *
 * The file keeps what it has read ahead. A greenlet that reads from the same socket without the
 * file misses these bytes, as in gevent.
 */
export class FileObject {
  readonly #source: Source | undefined
  readonly #sink: Sink | undefined
  readonly #end: (() => Green<void>) | undefined
  readonly #read = new ByteQueue()
  readonly #written = new ByteQueue()
  #isClosed = false

  /** @param end what `close` ends together with the file; undefined for the file of a socket */
  constructor(source: Source | undefined, sink: Sink | undefined, end?: () => Green<void>) {
    this.#source = source
    this.#sink = sink
    this.#end = end
  }

  /** A file to read from one of Node's streams, such as `process.stdin`. */
  static reader(stream: Readable): FileObject {
    const input = new Input(stream)
    return new FileObject(input, undefined, () => {
      input.close(() => new SystemError('close', constants.errno.EBADF))
      stream.destroy()
      return DONE
    })
  }

  /** A file to write to one of Node's streams. */
  static writer(stream: Writable): FileObject {
    const output = new Output(stream)
    return new FileObject(undefined, output, () => output.end())
  }

  /**
   * Reads exactly `count` bytes, fewer only at the end of the stream; without `count`, all. In Python
   * -1 means all as well; here it is refused.
   */
  *read(count = Number.POSITIVE_INFINITY): Green<Buffer> {
    if (count !== Number.POSITIVE_INFINITY) checkCount(count, 0, 'bytes')
    while (this.#read.length < count) if (!(yield* this.#fill())) break
    return this.#take(Math.min(count, this.#read.length))
  }

  /**
   * Reads a line with its newline, or only the first `limit` bytes of it. At the end of the stream
   * returns what is left, then nothing.
   */
  *readline(limit = Number.POSITIVE_INFINITY): Green<Buffer> {
    if (limit !== Number.POSITIVE_INFINITY) checkCount(limit, 0, 'bytes')
    let seen = 0
    for (;;) {
      const found = this.#read.peek().indexOf(NEWLINE_BYTE, seen)
      seen = this.#read.length
      if (found >= 0) return this.#take(Math.min(found + 1, limit))
      if (seen >= limit || !(yield* this.#fill())) return this.#take(Math.min(seen, limit))
    }
  }

  /**
   * Keeps `bytes`, text as UTF-8, until there is enough to send; then it flushes. `yield*` what
   * this returns, as for `flush`.
   */
  write(bytes: Uint8Array | string): Green<void> {
    this.#check(this.#sink, 'write')
    this.#written.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    return this.#written.length < BUFFER_SIZE ? DONE : this.flush()
  }

  /** Sends what is kept; `yield*` what this returns, as for the `sendall` of a socket. */
  flush(): Green<void> {
    const sink = this.#check(this.#sink, 'write')
    const bytes = this.#written.peek().slice()
    this.#written.clear()
    return sink.sendall(bytes)
  }

  /**
   * Sends what is kept and closes the file; `yield*` what this returns to wait for that. A pipe
   * ends with its file, a socket stays open. If it can't be sent, the file is closed all the same.
   */
  close(): Green<void> {
    if (this.#isClosed) return DONE
    try {
      const flushed = this.#sink ? this.flush() : DONE
      return this.#end ? this.#end() : flushed
    } finally {
      this.#isClosed = true
    }
  }

  get closed(): boolean {
    return this.#isClosed
  }

  /** Waits until `read(1)` would return at once; see wait.ts. */
  waitReadable(): Green<void> {
    const source = this.#check(this.#source, 'read')
    return this.#read.length > 0 ? DONE : source.waitReadable()
  }

  /** Waits until `flush` would return at once; see wait.ts. */
  waitWritable(): Green<void> {
    return this.#check(this.#sink, 'write').waitWritable()
  }

  /** Reads more into the buffer. False at the end of the stream. */
  *#fill(): Green<boolean> {
    const chunk = yield* this.#check(this.#source, 'read').recv(BUFFER_SIZE)
    this.#read.push(chunk)
    return chunk.length > 0
  }

  #take(count: number): Buffer {
    const taken = Buffer.from(this.#read.peek().subarray(0, count))
    this.#read.drop(taken.length)
    return taken
  }

  #check<End>(end: End | undefined, verb: string): End {
    if (this.#isClosed) throw new TypeError('the file is closed')
    if (!end) throw new TypeError(`the file is not open to ${verb}`)
    return end
  }
}
