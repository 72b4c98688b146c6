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
  /** For each number of matched bytes the next smaller one: Knuth, Morris and Pratt. */
  readonly #smaller: number[] = [0, 0]
  /** How many bytes of the terminator have come. */
  #matched = 0

  /** @param terminator one byte or more */
  constructor(terminator: Uint8Array) {
    this.#terminator = Buffer.from(terminator)
    for (let i = 1, matched = 0; i < terminator.length; i++) {
      while (matched > 0 && terminator[i] !== terminator[matched]) matched = this.#smaller[matched]!
      if (terminator[i] === terminator[matched]) matched += 1
      this.#smaller.push(matched)
    }
  }

  /** @param chunk what has come: the caller uses its memory again after this call */
  feed(chunk: Uint8Array, handler: Handler): void {
    let data: number[] = []
    const collect = () => {
      if (data.length > 0) handler.collect(Buffer.from(data))
      data = []
    }
    for (const byte of chunk) {
      while (this.#matched > 0 && byte !== this.#terminator[this.#matched]) {
        const smaller = this.#smaller[this.#matched]!
        data.push(...this.#terminator.subarray(0, this.#matched - smaller))
        this.#matched = smaller
      }
      if (byte === this.#terminator[this.#matched]) this.#matched += 1
      else data.push(byte)
      if (this.#matched < this.#terminator.length) continue
      this.#matched = 0
      collect()
      handler.found()
    }
    collect()
  }
}
