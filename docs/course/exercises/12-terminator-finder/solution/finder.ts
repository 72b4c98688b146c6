/**
 * Cuts a stream of bytes at a terminator, as asynchat does: for each message `collect` is
 * called with its bytes, in any number of pieces, and then `found`.
 */
export interface Handler {
  /** The next bytes of a message. They are valid until it returns. */
  collect(data: Uint8Array): void
  /** The terminator has come: the message is complete. */
  found(): void
}

export class Finder {
  readonly #terminator: Buffer
  /** The end of the last chunk, if a terminator may begin with it. */
  #held: Uint8Array = Buffer.alloc(0)

  /** @param terminator one byte or more */
  constructor(terminator: Uint8Array) {
    this.#terminator = Buffer.from(terminator)
  }

  /** @param chunk what has come: the caller uses its memory again after this call */
  feed(chunk: Uint8Array, handler: Handler): void {
    const input = Buffer.concat([this.#held, chunk])
    let start = 0
    for (;;) {
      const end = input.indexOf(this.#terminator, start)
      if (end < 0) break
      if (end > start) handler.collect(input.subarray(start, end))
      handler.found()
      start = end + this.#terminator.length
    }
    const rest = input.subarray(start)
    const sure = rest.length - beginningAtEnd(rest, this.#terminator)
    if (sure > 0) handler.collect(rest.subarray(0, sure))
    this.#held = rest.subarray(sure)
  }
}

/** How many bytes at the end may begin a terminator: the most, but not all of it. */
function beginningAtEnd(bytes: Buffer, terminator: Buffer): number {
  let count = Math.min(bytes.length, terminator.length - 1)
  while (!bytes.subarray(bytes.length - count).equals(terminator.subarray(0, count))) count--
  return count
}
