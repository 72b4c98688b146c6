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
    // Not `subarray`, which would return a Buffer here, whose `slice` doesn't copy.
    const { buffer, byteOffset } = this.#bytes
    return new Uint8Array(buffer, byteOffset + this.#head, this.length)
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

  /**
   * Doubling keeps `n` pushes at O(n) copied bytes, however small each of them is. Memory of Node's
   * pool costs a third of new memory, which is zeroed, and which V8 moves out of its heap at `peek`.
   */
  #makeRoom(count: number): void {
    const { length } = this
    const needed = length + count
    const fits = needed <= this.#bytes.length / 2
    const target = fits ? this.#bytes : Buffer.allocUnsafe(Math.max(needed, 2 * length, 64))
    if (length > 0) target.set(this.peek())
    this.#bytes = target
    this.#head = 0
    this.#tail = length
  }
}

const EMPTY = new Uint8Array(0)
