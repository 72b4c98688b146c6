import { ByteQueue } from '../bytes/byte-queue.ts'
import type { Producer } from './producer.ts'

/** What waits to be sent, first come first served: bytes, producers of bytes, and the end. */
export class OutputQueue {
  #items: (ByteQueue | Producer | 'end')[] = []
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
   * head is asked for them, and leaves when it has no more. The end is taken out. If a producer
   * clears the queue, what is pushed after that is left for the next call.
   */
  next(limit: number): Uint8Array | 'empty' | 'end' {
    const items = this.#items
    while (items === this.#items) {
      const first = items[0]
      if (first === undefined) return 'empty'
      if (first instanceof ByteQueue) return head(first, limit)
      if (first === 'end') return items.shift() as 'end'
      const data = first.more()
      // `more` may have cleared the queue, or called for its next bytes itself.
      if (items !== this.#items || items[0] !== first) continue
      if (data.length === 0) items.shift()
      else items.unshift(queueOf(data))
      this.#bytes += data.length
    }
    return 'empty'
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
    this.#items = []
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
