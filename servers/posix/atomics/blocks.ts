/**
 * The memory of the rings. The kernel thread takes it from the system in slabs and deals it out in
 * blocks of 2 KiB times a power of two, so that a small ring can become a large one. A block that is
 * given back is kept for the next socket; slabs are never given back.
 *
 * A program thread learns of a slab when it first needs it, see Calls.recv: what a page fault is to
 * a real program.
 */

/** The smallest block, in bytes. Blocks are counted in this unit. */
const BLOCK = 2048
const SLAB = 16 * 2 ** 20
const BLOCKS_PER_SLAB = SLAB / BLOCK

/** The slabs that a thread knows, in the order in which the kernel has made them. */
export class Slabs {
  readonly memory: SharedArrayBuffer[] = []
  readonly #bytes: Uint8Array[] = []

  add(slab: SharedArrayBuffer): void {
    this.memory.push(slab)
    this.#bytes.push(new Uint8Array(slab))
  }

  /** The slab that a block lies in; undefined if this thread does not know it yet. */
  of(block: number): Uint8Array | undefined {
    return this.#bytes[Math.floor(block / BLOCKS_PER_SLAB)]
  }

  /** Where in its slab the block begins, in bytes. */
  static offset(block: number): number {
    return (block % BLOCKS_PER_SLAB) * BLOCK
  }
}

/** The kernel's view: it alone takes blocks and gives them back. */
export class BlockPool extends Slabs {
  /** By size: blocks that have been given back. */
  readonly #free = new Map<number, number[]>()
  /** The first block that has never been used. */
  #next = 0

  /** @param size in bytes: see `fitting` */
  take(size: number): number {
    return this.#free.get(size)?.pop() ?? this.#fresh(size)
  }

  give(block: number, size: number): void {
    const free = this.#free.get(size)
    if (free) free.push(block)
    else this.#free.set(size, [block])
  }

  /** No block crosses the end of a slab; what is left there is too small, and stays unused. */
  #fresh(size: number): number {
    const count = size / BLOCK
    if ((this.#next % BLOCKS_PER_SLAB) + count > BLOCKS_PER_SLAB) {
      this.#next = Math.ceil(this.#next / BLOCKS_PER_SLAB) * BLOCKS_PER_SLAB
    }
    const block = this.#next
    this.#next += count
    if (!this.of(block)) this.add(new SharedArrayBuffer(SLAB))
    return block
  }
}

/** The size of the smallest block for so many bytes. */
export function fitting(bytes: number): number {
  return Math.max(BLOCK, 2 ** Math.ceil(Math.log2(bytes)))
}
