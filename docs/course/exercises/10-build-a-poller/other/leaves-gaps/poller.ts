/**
 * The interest list of a readiness loop, over poll(2): which descriptors are watched,
 * and for what.
 *
 * A `struct pollfd` is two entries of an Int32Array. `set[2 * i]` is the descriptor.
 * `set[2 * i + 1]` has the events asked for in its lower 16 bits, and those that came in
 * its upper 16.
 */
import type { Posix } from '#servers/posix/api.ts'

export class MyPoller {
  readonly #posix: Pick<Posix, 'poll'>
  #set = new Int32Array(2 * 64)
  #count = 0
  /** For each descriptor its place in the set. */
  readonly #place = new Map<number, number>()
  /** Places that are free: poll(2) skips a negative descriptor. */
  readonly #free: number[] = []
  /** What the last wait has found, place by place. */
  #ready: number[] = []
  #came: number[] = []

  constructor(posix: Pick<Posix, 'poll'>) {
    this.#posix = posix
  }

  /** Starts watching. */
  add(fd: number, events: number): void {
    const free = this.#free.pop()
    if (2 * this.#count === this.#set.length) this.#grow()
    this.#put(free ?? this.#count, fd, events)
    if (free === undefined) this.#count += 1
  }

  /** Changes the events to watch for. */
  modify(fd: number, events: number): void {
    this.#put(this.#place.get(fd)!, fd, events)
  }

  /** Stops watching, and withdraws what the last wait has still to report of `fd`. */
  remove(fd: number): void {
    const place = this.#place.get(fd)!
    this.#set[2 * place] = -1
    this.#place.delete(fd)
    this.#free.push(place)
    // The kernel may give the number to a new client before this batch is over.
    const i = this.#ready.indexOf(fd)
    if (i >= 0) this.#came[i] = 0
  }

  /** Waits up to `timeout` ms (Infinity: for ever); returns how many are ready. */
  wait(timeout: number): number {
    // Rounded up: after a wait that ends too early, nothing is due, and it waits again.
    const limit = timeout === Number.POSITIVE_INFINITY ? -1 : Math.ceil(timeout)
    this.#posix.poll(this.#set, this.#count, limit)
    this.#ready = []
    this.#came = []
    for (let i = 0; i < this.#count; i++) {
      const came = this.#set[2 * i + 1]! >>> 16
      if (came === 0) continue
      this.#ready.push(this.#set[2 * i]!)
      this.#came.push(came)
    }
    return this.#ready.length
  }

  /** The descriptor at place `i` of the last wait. */
  fd(i: number): number {
    return this.#ready[i]!
  }

  /** Its events; 0 if it was removed meanwhile. */
  events(i: number): number {
    return this.#came[i]!
  }

  #put(place: number, fd: number, events: number): void {
    this.#set[2 * place] = fd
    this.#set[2 * place + 1] = events
    this.#place.set(fd, place)
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#set.length)
    larger.set(this.#set)
    this.#set = larger
  }
}
