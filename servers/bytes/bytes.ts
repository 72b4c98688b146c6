/** Small things about bytes that several parts need. */

/** No bytes. */
export const NOTHING: Uint8Array = new Uint8Array(0)

/** The byte that ends a line: `\n`. */
export const NEWLINE_BYTE = 0x0a

/**
 * The place of the first `byte` from `start` on, -1 if there is none. By Buffer's search, which
 * finds the lines of a chunk in a third of the time that Uint8Array's own takes.
 */
export function indexOfByte(bytes: Uint8Array, byte: number, start: number): number {
  return Buffer.prototype.indexOf.call(bytes, byte, start)
}

/** The same memory as a Buffer, which has methods that a Uint8Array lacks, such as `indexOf`. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/**
 * The number of bytes at the end of `input` that may be the start of `terminator`; the rest of the
 * terminator may come with the next chunk. Bytes of `input` before `start` don't count.
 */
export function prefixAtEnd(input: Uint8Array, terminator: Uint8Array, start = 0): number {
  const longest = Math.min(terminator.length - 1, input.length - start)
  for (let length = longest; length > 0; length--) {
    const end = input.subarray(input.length - length)
    if (end.every((byte, i) => byte === terminator[i])) return length
  }
  return 0
}
