/** The longest view that is kept, in bytes. All of them together take 100 KiB at most. */
const KEPT = 1024

/**
 * Memory that a loop receives into, again and again. A view of it is an object of about 100 bytes,
 * and a new one for each message took 2 to 3 % of poll-loop's CPU. So short views are made once.
 */
export class ReceiveBuffer {
  readonly bytes: Uint8Array
  readonly #views: (Uint8Array | undefined)[] = new Array(KEPT + 1)

  /** @param size in bytes */
  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  /** A view of the first `count` bytes; what they are changes with the next receive. */
  first(count: number): Uint8Array {
    if (count === this.bytes.length) return this.bytes
    if (count > KEPT) return this.bytes.subarray(0, count)
    this.#views[count] ??= this.bytes.subarray(0, count)
    return this.#views[count]
  }
}
