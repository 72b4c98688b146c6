/**
 * The interest list of a readiness loop: which descriptors, which events. Two pollers keep it, with
 * the same functions in the same order: PollPoller here hands the whole list to the kernel on each
 * wait, EpollPoller in epoll.ts leaves it with the kernel. Both are level-triggered: a descriptor
 * is reported again while it is ready, so nothing is lost if only a part is handled.
 */
import type { Posix } from './api.ts'

export const POLLERS = ['poll', 'epoll'] as const
export type PollerName = (typeof POLLERS)[number]

export interface Poller {
  /** Starts watching. Watching a descriptor twice is an error. */
  add(fd: number, events: number): void

  /**
   * Changes the events to watch for; costs nothing if they are the same. 0 leaves only errors and
   * hang-ups.
   */
  modify(fd: number, events: number): void

  /**
   * Stops watching, and withdraws what the last wait still has to report about `fd`. Call it before
   * close(2).
   */
  remove(fd: number): void

  /** Waits up to `timeout` milliseconds (Infinity: for ever); returns how many are ready. */
  wait(timeout: number): number

  /** The descriptor at place `i` of the last wait. */
  fd(i: number): number

  /** Its events: POLLIN, POLLOUT, POLLERR, POLLHUP …; 0 if it was removed meanwhile. */
  events(i: number): number

  close(): void
}

/** poll(2): the cost of a wait grows with the number of descriptors watched, ready or not. */
export class PollPoller implements Poller {
  readonly #posix: Posix
  // struct pollfd[]: entry i is #set[2i] = fd, #set[2i + 1] = events | revents << 16.
  #set = new Int32Array(2 * 64)
  #count = 0
  readonly #place = new Map<number, number>()
  readonly #ready: number[] = []
  readonly #revents: number[] = []

  constructor(posix: Posix) {
    this.#posix = posix
  }

  add(fd: number, events: number): void {
    if (this.#place.has(fd)) throw new Error(`descriptor ${fd} is watched already`)
    if (2 * this.#count === this.#set.length) this.#grow()
    this.#place.set(fd, this.#count)
    this.#set[2 * this.#count] = fd
    this.#set[2 * this.#count + 1] = events
    this.#count += 1
  }

  modify(fd: number, events: number): void {
    this.#set[2 * this.#find(fd) + 1] = events
  }

  remove(fd: number): void {
    const place = this.#find(fd)
    const last = this.#count - 1
    this.#set.copyWithin(2 * place, 2 * last, 2 * last + 2)
    this.#place.set(this.#set[2 * place]!, place)
    this.#place.delete(fd)
    this.#count = last
    withdraw(this.#ready, this.#revents, fd)
  }

  wait(timeout: number): number {
    let left = this.#posix.poll(this.#set, this.#count, milliseconds(timeout))
    let found = 0
    for (let i = 0; left > 0; i++) {
      const revents = this.#set[2 * i + 1]! >>> 16
      if (revents === 0) continue
      this.#ready[found] = this.#set[2 * i]!
      this.#revents[found] = revents
      found += 1
      left -= 1
    }
    return found
  }

  fd(i: number): number {
    return this.#ready[i]!
  }

  events(i: number): number {
    return this.#revents[i]!
  }

  close(): void {}

  #find(fd: number): number {
    const place = this.#place.get(fd)
    if (place === undefined) throw new Error(`descriptor ${fd} is not watched`)
    return place
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#set.length)
    larger.set(this.#set)
    this.#set = larger
  }
}

/** A timeout for poll(2) and epoll_wait(2): in milliseconds, rounded up; -1: for ever. */
export function milliseconds(timeout: number): number {
  return timeout === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.ceil(timeout))
}

/**
 * Clears what is still to be delivered for a removed descriptor: its number may be given to a new
 * connection within the same batch, which must not get the old one's events. Places after the
 * batch hold leftovers of earlier batches, which are never read.
 */
export function withdraw(ready: number[], events: number[], fd: number): void {
  const i = ready.indexOf(fd)
  if (i >= 0) events[i] = 0
}
