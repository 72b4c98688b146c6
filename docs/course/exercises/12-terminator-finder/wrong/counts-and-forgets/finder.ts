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
  /** How many bytes of the terminator have come. */
  #matched = 0

  /** @param terminator one byte or more */
  constructor(terminator: Uint8Array) {
    this.#terminator = Buffer.from(terminator)
  }

  /** @param chunk what has come: the caller uses its memory again after this call */
  feed(chunk: Uint8Array, handler: Handler): void {
    for (const byte of chunk) {
      if (byte === this.#terminator[this.#matched]) {
        this.#matched += 1
        if (this.#matched < this.#terminator.length) continue
        this.#matched = 0
        handler.found()
      } else {
        // It was no terminator: what was taken for its beginning belongs to the message.
        const data = [...this.#terminator.subarray(0, this.#matched), byte]
        this.#matched = 0
        handler.collect(Buffer.from(data))
      }
    }
  }
}
