import type { Readable, Writable } from 'node:stream'
import { ByteQueue } from '../bytes/byte-queue.ts'
import { DONE, type Green } from './hub.ts'
import { Input } from './input.ts'
import { Output } from './output.ts'

/** What a file reads from: a socket, or the end of a pipe. */
export type Source = Pick<Input, 'recv' | 'waitReadable'>

/** What a file writes to. */
export type Sink = Pick<Output, 'sendall' | 'waitWritable'>

/** So many bytes are asked for at a time, and kept until they are sent; in Python as many. */
const BUFFER_SIZE = 8192

const NEWLINE = 10

/**
 * A file of bytes on a socket or a pipe, with a buffer for each direction. After gevent's
 * FileObject, which is what `makefile` and `Popen` give.
 *
 * What it has read ahead is its own: who reads from the socket beside it does not see that, there
 * as here.
 */
export class FileObject {
  readonly #source: Source | undefined
  readonly #sink: Sink | undefined
  readonly #end: (() => Green<void>) | undefined
  readonly #read = new ByteQueue()
  readonly #written = new ByteQueue()
  #isClosed = false

  /** @param end what `close` ends besides the file; nothing for a socket's */
  constructor(source: Source | undefined, sink: Sink | undefined, end?: () => Green<void>) {
    this.#source = source
    this.#sink = sink
    this.#end = end
  }

  /** A file to read from one of Node's streams, such as `process.stdin`. */
  static reader(stream: Readable): FileObject {
    return new FileObject(new Input(stream), undefined, () => {
      stream.destroy()
      return DONE
    })
  }

  /** A file to write to one of Node's streams. */
  static writer(stream: Writable): FileObject {
    const output = new Output(stream)
    return new FileObject(undefined, output, () => output.end())
  }

  /** Exactly `count` bytes, fewer only at the end of the stream; without `count` all up to it. */
  *read(count = Number.POSITIVE_INFINITY): Green<Buffer> {
    while (this.#read.length < count) if (!(yield* this.#fill())) break
    return this.#take(Math.min(count, this.#read.length))
  }

  /**
   * A line with its newline, or only `limit` bytes of it. At the end of the stream what is left,
   * then nothing.
   */
  *readline(limit = Number.POSITIVE_INFINITY): Green<Buffer> {
    let seen = 0
    for (;;) {
      const found = this.#read.peek().indexOf(NEWLINE, seen)
      seen = this.#read.length
      if (found >= 0) return this.#take(Math.min(found + 1, limit))
      if (seen >= limit || !(yield* this.#fill())) return this.#take(Math.min(seen, limit))
    }
  }

  /** Keeps `bytes`, text as UTF-8. Once there is enough to send, it is `flush` too. */
  write(bytes: Uint8Array | string): Green<void> {
    this.#check(this.#sink, 'write')
    this.#written.push(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    return this.#written.length < BUFFER_SIZE ? DONE : this.flush()
  }

  /** Sends what is kept; `yield*` what this returns to wait as for a socket's `sendall`. */
  flush(): Green<void> {
    const sink = this.#check(this.#sink, 'write')
    const bytes = this.#written.peek().slice()
    this.#written.clear()
    return sink.sendall(bytes)
  }

  /**
   * Sends what is kept and closes the file; `yield*` what this returns to wait for that. A pipe
   * ends with its file, a socket stays open.
   */
  close(): Green<void> {
    if (this.#isClosed) return DONE
    const flushed = this.#sink ? this.flush() : DONE
    this.#isClosed = true
    return this.#end ? this.#end() : flushed
  }

  get closed(): boolean {
    return this.#isClosed
  }

  /** Waits until `read(1)` would not; see wait.ts. */
  waitReadable(): Green<void> {
    const source = this.#check(this.#source, 'read')
    return this.#read.length > 0 ? DONE : source.waitReadable()
  }

  /** Waits until `flush` would not; see wait.ts. */
  waitWritable(): Green<void> {
    return this.#check(this.#sink, 'write').waitWritable()
  }

  /** False at the end of the stream. */
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
