/**
 * How does a reactor find the calls that are due, when most calls are put off before their time
 * comes? It keeps what `callLater` has promised in a heap, the earliest call on top.
 *
 * Timeouts are put off with every message and hardly ever reached, so putting a call off costs only
 * an assignment: the call stays where it is in the heap, and moves to its right place when it comes
 * to the top.
 */
import { AlreadyCalled, AlreadyCancelled } from './errors.ts'

export class DelayedCall {
  /** The order in the heap: by seconds on the reactor's clock, then as `callLater` was called. */
  time: number
  readonly serial: number
  /** Seconds by which the call was put off since it got its place in the heap. */
  #putOff = 0
  #call: (() => void) | null
  #state: 'waiting' | 'called' | 'cancelled' = 'waiting'
  readonly #queue: DelayedCallQueue

  constructor(queue: DelayedCallQueue, time: number, serial: number, call: () => void) {
    this.#queue = queue
    this.time = time
    this.serial = serial
    this.#call = call
  }

  /** When the call will be made, in seconds on the reactor's clock. */
  getTime(): number {
    return this.time + this.#putOff
  }

  /** True until the call is made or cancelled. */
  active(): boolean {
    return this.#state === 'waiting'
  }

  /** Throws AlreadyCancelled or AlreadyCalled, as `delay` and `reset` do. */
  cancel(): void {
    this.#check()
    this.#state = 'cancelled'
    // The call may stay in the heap for long: what `#call` refers to can be freed now.
    this.#call = null
    this.#queue.cancelled()
  }

  /** Makes the call this number of seconds later; earlier if negative. RangeError unless finite. */
  delay(seconds: number): void {
    this.#check()
    checkSeconds(seconds)
    this.#moveTo(this.getTime() + seconds)
  }

  /** Makes the call this number of seconds from now. RangeError unless finite. */
  reset(seconds: number): void {
    this.#check()
    checkSeconds(seconds)
    this.#moveTo(this.#queue.seconds() + seconds)
  }

  /** Called by the queue: brings `time` up to date; true if that changed it. */
  settle(): boolean {
    if (this.#putOff === 0) return false
    this.time += this.#putOff
    this.#putOff = 0
    return true
  }

  /** Called by the reactor. */
  run(): void {
    const call = this.#call
    this.#state = 'called'
    this.#call = null
    call?.()
  }

  #moveTo(time: number): void {
    this.#putOff = Math.max(0, time - this.time)
    if (time >= this.time) return
    this.time = time
    this.#queue.sooner(this)
  }

  #check(): void {
    if (this.#state === 'cancelled') throw new AlreadyCancelled('the call was cancelled before')
    if (this.#state === 'called') throw new AlreadyCalled('the call has been made')
  }
}

/** A binary heap, the earliest call on top. Added calls wait outside until the next `merge`. */
export class DelayedCallQueue {
  readonly seconds: () => number
  readonly #scheduled: (time: number) => void
  #heap: DelayedCall[] = []
  #fresh: DelayedCall[] = []
  #cancelled = 0
  #serial = 0

  /** @param scheduled is called with the time of each call that is added or brought forward */
  constructor(seconds: () => number, scheduled: (time: number) => void) {
    this.seconds = seconds
    this.#scheduled = scheduled
  }

  add(delay: number, call: () => void): DelayedCall {
    checkSeconds(delay)
    if (delay < 0) throw new RangeError(`a call can't be made in ${delay} seconds`)
    this.#serial += 1
    const added = new DelayedCall(this, this.seconds() + delay, this.#serial, call)
    this.#fresh.push(added)
    this.#scheduled(added.time)
    return added
  }

  /**
   * Moves the added calls into the heap. So what a call adds isn't made in the same pass, even with
   * delay 0.
   */
  merge(): void {
    if (this.#fresh.length === 0) return
    const fresh = this.#fresh
    this.#fresh = []
    for (const call of fresh) this.#push(call)
  }

  /** Removes and returns the earliest call that is due at `now`. */
  take(now: number): DelayedCall | undefined {
    for (;;) {
      const first = this.#heap[0]
      if (!first || first.time > now) return undefined
      this.#pop()
      if (!first.active()) this.#cancelled -= 1
      else if (first.settle()) this.#push(first)
      else return first
    }
  }

  /** No call in the heap is due before this, in seconds; Infinity if the heap is empty. */
  get earliest(): number {
    return this.#heap[0]?.time ?? Number.POSITIVE_INFINITY
  }

  /** A call was cancelled. When most calls in the heap are, it is built again without them. */
  cancelled(): void {
    this.#cancelled += 1
    if (this.#cancelled <= 50 || this.#cancelled <= this.#heap.length / 2) return
    const calls = this.#heap.filter((call) => call.active())
    this.#heap = []
    this.#fresh = this.#fresh.filter((call) => call.active())
    this.#cancelled = 0
    for (const call of calls) this.#push(call)
  }

  /** The time of `call` was brought forward: moves it up in the heap. */
  sooner(call: DelayedCall): void {
    const place = this.#heap.indexOf(call)
    if (place >= 0) this.#rise(place)
    this.#scheduled(call.time)
  }

  #push(call: DelayedCall): void {
    this.#heap.push(call)
    this.#rise(this.#heap.length - 1)
  }

  #pop(): void {
    const last = this.#heap.pop()!
    if (this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink()
  }

  #rise(place: number): void {
    let child = place
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!isBefore(this.#heap[child]!, this.#heap[parent]!)) return
      this.#swap(child, parent)
      child = parent
    }
  }

  #sink(): void {
    let parent = 0
    for (;;) {
      let first = 2 * parent + 1
      const right = this.#heap[first + 1]
      if (right && isBefore(right, this.#heap[first]!)) first += 1
      const child = this.#heap[first]
      if (!child || !isBefore(child, this.#heap[parent]!)) return
      this.#swap(first, parent)
      parent = first
    }
  }

  #swap(i: number, j: number): void {
    const call = this.#heap[i]!
    this.#heap[i] = this.#heap[j]!
    this.#heap[j] = call
  }
}

/** A single time that is no number would break the order of the whole heap (twisted#3884). */
function checkSeconds(seconds: unknown): void {
  if (!Number.isFinite(seconds)) throw new RangeError(`a call can't be made in ${seconds} seconds`)
}

function isBefore(a: DelayedCall, b: DelayedCall): boolean {
  return a.time < b.time || (a.time === b.time && a.serial < b.serial)
}
