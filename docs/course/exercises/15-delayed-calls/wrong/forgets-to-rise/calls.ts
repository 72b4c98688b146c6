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
  /** Where it is in the heap; -1 once it has been made or cancelled. */
  place: number
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
    const entry = { time: this.#seconds() + delay, serial: this.#serial, call, place: -1 }
    this.#push(entry)
    return {
      cancel: () => this.#remove(entry),
      reset: (seconds) => this.#move(entry, this.#seconds() + seconds),
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
    // What a call adds waits for the next pass: else a pass might never end.
    const last = this.#serial
    for (;;) {
      const first = this.#heap[0]
      if (!first || first.time > now || first.serial > last) return
      this.#remove(first)
      first.call()
    }
  }

  #push(entry: Entry): void {
    entry.place = this.#heap.length
    this.#heap.push(entry)
    this.#rise(entry.place)
  }

  /** The last entry takes its place, and sinks from there. */
  #remove(entry: Entry): void {
    const { place } = entry
    if (place < 0) return
    entry.place = -1
    const last = this.#heap.pop()!
    if (last === entry) return
    this.#heap[place] = last
    last.place = place
    this.#sink(place)
  }

  #move(entry: Entry, time: number): void {
    if (entry.place < 0) return
    entry.time = time
    this.#settle(entry)
  }

  #settle(entry: Entry): void {
    this.#rise(entry.place)
    this.#sink(entry.place)
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
    const [a, b] = [this.#heap[i]!, this.#heap[j]!]
    this.#heap[i] = b
    this.#heap[j] = a
    b.place = i
    a.place = j
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.serial < b.serial)
}
