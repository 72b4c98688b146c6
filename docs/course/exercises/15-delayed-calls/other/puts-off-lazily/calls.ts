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
  call: () => void
  state: 'waiting' | 'made' | 'cancelled'
  /** When it is to be made, if that is later than its place in the heap says. */
  putOff: number
}

export class DelayedCalls {
  readonly #seconds: () => number
  readonly #heap: Entry[] = []
  #serial = 0
  #cancelled = 0

  /** @param seconds the clock */
  constructor(seconds: () => number) {
    this.#seconds = seconds
  }

  callLater(delay: number, call: () => void): DelayedCall {
    this.#serial += 1
    const time = this.#seconds() + delay
    const entry: Entry = { time, serial: this.#serial, call, state: 'waiting', putOff: time }
    this.#push(entry)
    return {
      cancel: () => this.#cancel(entry),
      reset: (seconds) => this.#reset(entry, this.#seconds() + seconds),
    }
  }

  #cancel(entry: Entry): void {
    if (entry.state !== 'waiting') return
    entry.state = 'cancelled'
    // It may stay in the heap for long: what it refers to can be freed now.
    entry.call = () => {}
    this.#cancelled += 1
    if (this.#cancelled <= 50 || this.#cancelled <= this.#heap.length / 2) return
    const waiting = this.#heap.splice(0).filter(({ state }) => state === 'waiting')
    this.#cancelled = 0
    for (const each of waiting) this.#push(each)
  }

  /** To put a call off costs an assignment: it moves when it comes to the top. */
  #reset(entry: Entry, time: number): void {
    if (entry.state !== 'waiting') return
    entry.putOff = time
    if (time >= entry.time) return
    entry.time = time
    this.#rise(this.#heap.indexOf(entry))
  }

  /** The earliest call, once those that are cancelled or put off have left the top. */
  #first(): Entry | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (!first || (first.state === 'waiting' && first.putOff === first.time)) return first
      this.#pop()
      if (first.state === 'cancelled') this.#cancelled -= 1
      first.time = first.putOff
      if (first.state === 'waiting') this.#push(first)
    }
  }

  /** How long the loop may sleep, in seconds; Infinity if no call waits. */
  timeout(): number {
    const first = this.#first()
    return first ? Math.max(0, first.time - this.#seconds()) : Number.POSITIVE_INFINITY
  }

  /** Makes all calls that are due. */
  runDue(): void {
    const now = this.#seconds()
    const last = this.#serial
    for (;;) {
      const first = this.#first()
      if (!first || first.time > now || first.serial > last) return
      this.#pop()
      first.state = 'made'
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
