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

  constructor(posix: Pick<Posix, 'poll'>) {
    this.#posix = posix
  }

  /** Starts watching. */
  add(fd: number, events: number): void {
    this.#set[2 * this.#count] = fd
    this.#set[2 * this.#count + 1] = events
    this.#count += 1
  }

  /** Changes the events to watch for. */
  modify(_fd: number, _events: number): void {}

  /** Stops watching, and withdraws what the last wait has still to report of `fd`. */
  remove(_fd: number): void {}

  /** Waits up to `timeout` ms (Infinity: for ever); returns how many are ready. */
  wait(timeout: number): number {
    this.#posix.poll(this.#set, this.#count, timeout)
    return 0
  }

  /** The descriptor at place `i` of the last wait. */
  fd(_i: number): number {
    return -1
  }

  /** Its events; 0 if it was removed meanwhile. */
  events(_i: number): number {
    return 0
  }
}
