/** Output that is made when its turn comes, so that it need not be in memory before. */
export interface Producer {
  /** The next piece; empty when there is no more. It is copied before `more` is called again. */
  more(): Uint8Array
}

/** Gives out `data` in pieces of at most `bufferSize` bytes. */
export class SimpleProducer implements Producer {
  #data: Uint8Array
  readonly #bufferSize: number

  constructor(data: Uint8Array, bufferSize = 512) {
    this.#data = data
    this.#bufferSize = bufferSize
  }

  more(): Uint8Array {
    const piece = this.#data.subarray(0, this.#bufferSize)
    this.#data = this.#data.subarray(this.#bufferSize)
    return piece
  }
}
