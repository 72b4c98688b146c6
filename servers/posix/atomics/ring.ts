/**
 * A ring of bytes in shared memory: one side puts, the other takes, and no byte is moved once it is
 * in. `head` and `tail` count all bytes that were ever taken and put, modulo 2 ** 32; where a byte
 * lies is its count modulo the size, which is a power of two.
 *
 *     size 8:   . . h i j . . .        head = 2, tail = 5: three bytes wait
 *     later:    o . . . . l m n        head = 5, tail = 9: the o lies at 8 modulo 8
 *
 * DPDK and io_uring do without a lock, as long as one thread puts and one takes. Here several
 * threads of a program may share a socket, and the ring may move to a larger block: whoever uses it
 * holds the socket's lock.
 */
import { type BlockPool, fitting, Slabs } from './blocks.ts'

/** Words of a ring. */
const WORD = { block: 0, size: 1, head: 2, tail: 3, limit: 4 } as const

export class Ring {
  readonly #words: Int32Array
  readonly #slabs: Slabs

  /** @param words five words of the socket */
  constructor(words: Int32Array, slabs: Slabs) {
    this.#words = words
    this.#slabs = slabs
  }

  /** Bytes that wait. */
  get used(): number {
    return (this.#words[WORD.tail]! - this.#words[WORD.head]!) | 0
  }

  /** How many more may wait: SO_RCVBUF or SO_SNDBUF is the limit, which may have been lowered. */
  get room(): number {
    return Math.max(0, this.#words[WORD.limit]! - this.used)
  }

  set limit(bytes: number) {
    this.#words[WORD.limit] = bytes
  }

  /** False if this thread still has to learn of the memory that the ring lies in. */
  get isMapped(): boolean {
    return this.#words[WORD.size] === 0 || this.#slabs.of(this.#words[WORD.block]!) !== undefined
  }

  /** True if `count` more bytes are within the limit, but the block is too small for them. */
  mustGrow(count: number): boolean {
    return this.used + Math.min(count, this.room) > this.#words[WORD.size]!
  }

  /** Takes over what fits of `bytes`; returns how many that are. */
  put(bytes: Uint8Array): number {
    const size = this.#words[WORD.size]!
    const count = Math.min(bytes.length, this.room, size - this.used)
    if (count <= 0) return 0
    const slab = this.#slabs.of(this.#words[WORD.block]!)!
    const start = Slabs.offset(this.#words[WORD.block]!)
    const from = this.#words[WORD.tail]! & (size - 1)
    const first = Math.min(count, size - from)
    slab.set(first === bytes.length ? bytes : bytes.subarray(0, first), start + from)
    if (first < count) slab.set(bytes.subarray(first, count), start)
    this.#words[WORD.tail]! += count
    return count
  }

  /** Copies bytes that wait, without taking them, from the one at place `skip` on. */
  copy(into: Uint8Array, skip = 0): number {
    const count = Math.min(into.length, this.used - skip)
    if (count <= 0) return 0
    const size = this.#words[WORD.size]!
    const slab = this.#slabs.of(this.#words[WORD.block]!)!
    const start = Slabs.offset(this.#words[WORD.block]!)
    const from = (this.#words[WORD.head]! + skip) & (size - 1)
    const first = Math.min(count, size - from)
    into.set(slab.subarray(start + from, start + from + first))
    if (first < count) into.set(slab.subarray(start, start + count - first), first)
    return count
  }

  /** An empty ring begins anew at its first byte: small messages touch only a little memory. */
  drop(count: number): void {
    this.#words[WORD.head]! += count
    if (this.used > 0) return
    this.#words[WORD.head] = 0
    this.#words[WORD.tail] = 0
  }

  /** Moves to a block that has room for `count` more bytes, within the limit. */
  grow(count: number, pool: BlockPool): void {
    const bytes = new Uint8Array(this.used)
    this.copy(bytes)
    const size = fitting(bytes.length + Math.min(count, this.room))
    this.free(pool)
    this.#words[WORD.block] = pool.take(size)
    this.#words[WORD.size] = size
    this.put(bytes)
  }

  /** Gives the memory back. */
  free(pool: BlockPool): void {
    const size = this.#words[WORD.size]!
    if (size > 0) pool.give(this.#words[WORD.block]!, size)
    this.#words[WORD.size] = 0
    this.#words[WORD.head] = 0
    this.#words[WORD.tail] = 0
  }
}
