/**
 * A queue of bytes: in at the tail, out at the head, and always one contiguous view of all between.
 *
 * A partial send leaves its rest here, and a line whose newline has not arrived yet waits here. An
 * empty queue holds no memory, so ten thousand idle connections cost nothing here.
 */
export class ByteQueue {
  #bytes: Uint8Array = EMPTY
  #head = 0
  #tail = 0

  /** The number of bytes that wait. */
  get length(): number {
    return this.#tail - this.#head
  }

  /** Appends a copy of `bytes`. */
  push(bytes: Uint8Array): void {
    if (this.#tail + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#tail)
    this.#tail += bytes.length
  }

  /** All waiting bytes, uncopied: valid until the next `push`, `drop` or `clear`. */
  peek(): Uint8Array {
    return this.#bytes.subarray(this.#head, this.#tail)
  }

  /** Removes `count` bytes from the head. */
  drop(count: number): void {
    if (count > this.length) throw new RangeError(`${count} of ${this.length} bytes to drop`)
    this.#head += count
    if (this.#head === this.#tail) this.clear()
  }

  clear(): void {
    this.#bytes = EMPTY
    this.#head = 0
    this.#tail = 0
  }

  /** Doubling keeps `n` pushes at O(n) copied bytes, however small each of them is. */
  #makeRoom(count: number): void {
    const waiting = this.peek()
    const needed = waiting.length + count
    const fits = needed <= this.#bytes.length / 2
    const target = fits ? this.#bytes : new Uint8Array(Math.max(needed, 2 * waiting.length, 64))
    target.set(waiting)
    this.#bytes = target
    this.#head = 0
    this.#tail = waiting.length
  }
}

const EMPTY = new Uint8Array(0)
