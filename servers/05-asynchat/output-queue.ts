import { ByteQueue } from '../bytes/byte-queue.ts'
import type { Producer } from './producer.ts'

/** What waits to be sent, first come first served: bytes, producers of bytes, and the end. */
export class OutputQueue {
  readonly #items: (ByteQueue | Producer | 'end')[] = []
  #bytes = 0

  /** How many bytes wait. What producers have still to say isn't among them. */
  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#items.length === 0
  }

  /** Appends a copy of `data`, to the bytes before it if they are last. */
  push(data: Uint8Array): void {
    if (data.length === 0) return
    const last = this.#items.at(-1)
    if (last instanceof ByteQueue) last.push(data)
    else this.#items.push(queueOf(data))
    this.#bytes += data.length
  }

  pushProducer(producer: Producer): void {
    this.#items.push(producer)
  }

  pushEnd(): void {
    this.#items.push('end')
  }

  /**
   * The bytes to send next, at most `limit`; they stay until they are dropped. A producer at the
   * head is asked for them, and leaves when it has no more. The end is taken out.
   */
  next(limit: number): Uint8Array | 'empty' | 'end' {
    for (;;) {
      const first = this.#items[0]
      if (first === undefined) return 'empty'
      if (first instanceof ByteQueue) return head(first, limit)
      if (first === 'end') return this.#items.shift() as 'end'
      const data = first.more()
      if (this.#items[0] !== first) continue
      if (data.length === 0) this.#items.shift()
      else this.#items.unshift(queueOf(data))
      this.#bytes += data.length
    }
  }

  /** Removes `count` bytes that `next` has returned. */
  drop(count: number): void {
    const first = this.#items[0]
    if (!(first instanceof ByteQueue)) return
    first.drop(count)
    this.#bytes -= count
    if (first.length === 0) this.#items.shift()
  }

  clear(): void {
    this.#items.length = 0
    this.#bytes = 0
  }
}

function head(queue: ByteQueue, limit: number): Uint8Array {
  const bytes = queue.peek()
  return bytes.length > limit ? bytes.subarray(0, limit) : bytes
}

function queueOf(data: Uint8Array): ByteQueue {
  const queue = new ByteQueue()
  queue.push(data)
  return queue
}
