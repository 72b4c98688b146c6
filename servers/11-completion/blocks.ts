/**
 * The memory that bytes travel through, in blocks of one size, and the owner of each block.
 *
 *     free       goes to the kernel when it is provided, to the program when it takes one
 *     kernel's   goes to the program when the recv that filled it or its send completes
 *     program's  goes to the kernel when its send is submitted; or is given back, and is free
 *
 * A readiness loop needs one buffer for all connections, since it holds bytes only during a call.
 * Here an operation holds its buffer for as long as it is in flight, which for a recv on an idle
 * connection is for ever. Ten thousand buffers that wait for a byte would be a waste. Therefore a
 * recv is submitted without one, and takes a block from those that we have provided, at the moment
 * when it has something to put there: io_uring_register_buf_ring(3).
 */
import { Memory } from './memory.ts'
import type { Ring } from './ring.ts'

/**
 * Bytes of a block. A recv may fill 32 of them before the kernel turns to others, so that a
 * connection can get about as far beyond the high-water mark.
 */
export const BLOCK = 16384

/**
 * Blocks that lie ready in the kernel, a power of two. More completions than that at a time are
 * slower, and right: the recv that finds none ends with ENOBUFS, and is submitted again.
 */
export const PROVIDED = 256

/** No block, and no operation. */
export const NONE = -1

/** A cache line more than a power of two, or all blocks would compete for the same few lines. */
const STRIDE = BLOCK + 64
/** Blocks that are mapped at a time. */
const SLAB = 256
const REGISTER_PBUF_RING = 22
/** Words of a struct io_uring_buf: 64 bits of address, length, and two halves, the label first. */
const WORDS = 4
const LABEL = 6
/** The second half of the first one is the tail of the ring. */
const TAIL = 7

export class Blocks {
  /** Mapped as they are needed: for as many blocks as have ever been in use at a time. */
  readonly #slabs: Memory[] = []
  readonly #addresses: number[] = []
  /** Last in, first out: that one is still in the cache. */
  readonly #free: number[] = []
  readonly #ring = Memory.allocate(4 * WORDS * PROVIDED)
  readonly #words = new Int32Array(this.#ring.bytes)
  readonly #halves = new Uint16Array(this.#ring.bytes)
  /** By label: the block that is provided under it. */
  readonly #provided = new Int32Array(PROVIDED)
  #tail = 0

  constructor(ring: Ring) {
    // struct io_uring_buf_reg { u64 address; u32 entries; u16 group; … }, and the group is 0.
    const registration = new Int32Array(10)
    registration.set([low(this.#ring.address), high(this.#ring.address), PROVIDED])
    ring.register(REGISTER_PBUF_RING, registration, 1)
    for (let label = 0; label < PROVIDED; label++) this.#provide(label)
  }

  /** A free block: from now on it is the caller's. */
  take(): number {
    if (this.#free.length === 0) this.#grow()
    return this.#free.pop()!
  }

  /** The block is free again. Nothing in flight may use it. */
  give(block: number): void {
    this.#free.push(block)
  }

  /**
   * The block that a recv has filled, from the flags of its completion: it is the caller's now, and
   * another one is provided in its place.
   */
  claim(flags: number): number {
    const label = flags >>> 16
    const block = this.#provided[label]!
    this.#provide(label)
    return block
  }

  /** Its first `length` bytes. */
  bytes(block: number, length: number): Uint8Array {
    const slab = this.#slabs[Math.floor(block / SLAB)]!
    return new Uint8Array(slab.bytes, STRIDE * (block % SLAB), length)
  }

  /** Where it lies, for the kernel. */
  address(block: number): number {
    return this.#addresses[block]!
  }

  /** Gives the memory back. Nothing may be in flight. */
  unmap(): void {
    for (const memory of [this.#ring, ...this.#slabs]) memory.unmap()
  }

  #provide(label: number): void {
    const block = this.take()
    this.#provided[label] = block
    const at = WORDS * (this.#tail & (PROVIDED - 1))
    this.#words[at] = low(this.address(block))
    this.#words[at + 1] = high(this.address(block))
    this.#words[at + 2] = BLOCK
    this.#halves[2 * at + LABEL] = label
    this.#tail = (this.#tail + 1) & 0xffff
    // As in ring.ts: what lies before the tail is written.
    Atomics.store(this.#halves, TAIL, this.#tail)
  }

  #grow(): void {
    const slab = Memory.allocate(STRIDE * SLAB)
    this.#slabs.push(slab)
    for (let i = 0; i < SLAB; i++) {
      this.#free.push(this.#addresses.length)
      this.#addresses.push(slab.address + STRIDE * i)
    }
  }
}

/** The lower 32 bits of an address, and the upper ones. */
export function low(address: number): number {
  return address | 0
}

export function high(address: number): number {
  return Math.floor(address / 2 ** 32)
}
