/** The calls of a reactor that are made later, the earliest on top of a heap. */

export interface DelayedCall {
  /** The call will not be made. */
  cancel(): void
  /** The call will be made this number of seconds from now. */
  reset(seconds: number): void
}

interface Entry {
  time: number
  /** Calls of the same time are made in the order of `callLater`. */
  readonly serial: number
  readonly call: () => void
}

export class DelayedCalls {
  readonly #seconds: () => number
  readonly #heap: Entry[] = []
  #serial = 0

  /** @param seconds the clock */
  constructor(seconds: () => number) {
    this.#seconds = seconds
  }

  callLater(delay: number, call: () => void): DelayedCall {
    this.#serial += 1
    this.#push({ time: this.#seconds() + delay, serial: this.#serial, call })
    return {
      cancel: () => {},
      reset: (_seconds) => {},
    }
  }

  /** How long the loop may sleep, in seconds; Infinity if no call waits. */
  timeout(): number {
    const first = this.#heap[0]
    return first ? Math.max(0, first.time - this.#seconds()) : Number.POSITIVE_INFINITY
  }

  /** Makes all calls that are due. */
  runDue(): void {
    const now = this.#seconds()
    for (let first = this.#heap[0]; first && first.time <= now; first = this.#heap[0]) {
      this.#pop()
      first.call()
    }
  }

  #push(entry: Entry): void {
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!isBefore(this.#heap[child]!, this.#heap[parent]!)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  #sink(from: number): void {
    for (let parent = from; ; ) {
      let child = 2 * parent + 1
      const right = this.#heap[child + 1]
      if (right && isBefore(right, this.#heap[child]!)) child += 1
      const first = this.#heap[child]
      if (!first || !isBefore(first, this.#heap[parent]!)) return
      this.#swap(child, parent)
      parent = child
    }
  }

  #swap(i: number, j: number): void {
    const entry = this.#heap[i]!
    this.#heap[i] = this.#heap[j]!
    this.#heap[j] = entry
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.serial < b.serial)
}
