import { ByteQueue } from '../bytes/byte-queue.ts'
import { indexOfByte, NEWLINE_BYTE } from '../bytes/bytes.ts'

/**
 * Cuts a stream of bytes into lines that end in `\n`. A line may arrive in any number of chunks and
 * a chunk may hold any number of lines; the lines that come out are the same.
 */
export class LineBuffer {
  /** True once a line has grown past `maxLine`: the stream can't be framed any further. */
  overflow = false
  readonly #maxLine: number
  readonly #partial = new ByteQueue()

  /** @param maxLine the longest line allowed, in bytes, its newline not counted */
  constructor(maxLine: number) {
    this.#maxLine = maxLine
  }

  /**
   * The lines that `chunk` completes, each with its newline. They may share memory with `chunk`.
   * A line is too long as soon as its byte `maxLine + 1` arrives, with or without its newline, so
   * that the result doesn't depend on how the stream was cut into packets.
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const lines: Uint8Array[] = []
    let start = 0
    while (start < chunk.length && !this.overflow) {
      const newline = indexOfByte(chunk, NEWLINE_BYTE, start)
      const end = newline < 0 ? chunk.length : newline
      this.overflow = this.#partial.length + (end - start) > this.#maxLine
      if (this.overflow) break
      if (newline < 0) this.#partial.push(chunk.subarray(start))
      else lines.push(this.#complete(chunk.subarray(start, newline + 1)))
      start = end + 1
    }
    return lines
  }

  /** The length of the line that has begun, in bytes. */
  get started(): number {
    return this.#partial.length
  }

  /** The unterminated line at the end of the stream; empty if there is none. */
  rest(): Uint8Array {
    return this.#take()
  }

  #complete(ending: Uint8Array): Uint8Array {
    if (this.#partial.length === 0) return ending
    this.#partial.push(ending)
    return this.#take()
  }

  #take(): Uint8Array {
    const bytes = this.#partial.peek()
    this.#partial.clear()
    return bytes
  }
}
