/**
 * The second poller, Linux only: epoll(7). The kernel keeps the interest list, so the cost of a
 * wait grows with the number of ready descriptors, not with the number watched.
 */
import koffi from 'koffi'
import { check, waitThrough } from './libc.ts'
import { milliseconds, type Poller, withdraw } from './poller.ts'

const library = koffi.load(null)
const c = {
  epoll_create1: library.func('int epoll_create1(int flags)'),
  epoll_ctl: library.func('int epoll_ctl(int epfd, int op, int fd, void *event)'),
  epoll_wait: library.func('int epoll_wait(int epfd, void *events, int max, int timeout)'),
  close: library.func('int close(int fd)'),
}

const EPOLL_CLOEXEC = 0o2000000
const EPOLL_CTL_ADD = 1
const EPOLL_CTL_DEL = 2
const EPOLL_CTL_MOD = 3

/** Events that one wait can return; the rest come with the next wait. */
const BATCH = 1024
// struct epoll_event { uint32_t events; uint64_t data; }, packed only on x86-64. In 32-bit words:
const STRIDE = process.arch === 'x64' ? 3 : 4
const DATA = process.arch === 'x64' ? 1 : 2

export class EpollPoller implements Poller {
  readonly #epfd = check('epoll_create1', c.epoll_create1(EPOLL_CLOEXEC))
  readonly #interest = new Map<number, number>()
  readonly #events = new Int32Array(BATCH * STRIDE)
  readonly #ready: number[] = []
  readonly #revents: number[] = []

  add(fd: number, events: number): void {
    if (this.#interest.has(fd)) throw new Error(`descriptor ${fd} is watched already`)
    this.#control(EPOLL_CTL_ADD, fd, events)
    this.#interest.set(fd, events)
  }

  modify(fd: number, events: number): void {
    const before = this.#interest.get(fd)
    if (before === undefined) throw new Error(`descriptor ${fd} is not watched`)
    // Unlike in poll(2), a change costs a system call: make none if nothing changes.
    if (before === events) return
    this.#control(EPOLL_CTL_MOD, fd, events)
    this.#interest.set(fd, events)
  }

  remove(fd: number): void {
    if (!this.#interest.delete(fd)) throw new Error(`descriptor ${fd} is not watched`)
    this.#control(EPOLL_CTL_DEL, fd, 0)
    withdraw(this.#ready, this.#revents, fd)
  }

  wait(timeout: number): number {
    const found = waitThrough('epoll_wait', milliseconds(timeout), (left) =>
      c.epoll_wait(this.#epfd, this.#events, BATCH, left),
    )
    for (let i = 0; i < found; i++) {
      this.#ready[i] = this.#events[STRIDE * i + DATA]!
      this.#revents[i] = this.#events[STRIDE * i]!
    }
    return found
  }

  fd(i: number): number {
    return this.#ready[i]!
  }

  events(i: number): number {
    return this.#revents[i]!
  }

  close(): void {
    check('close', c.close(this.#epfd))
  }

  #control(operation: number, fd: number, events: number): void {
    const event = new Int32Array(STRIDE)
    event[0] = events
    event[DATA] = fd
    check('epoll_ctl', c.epoll_ctl(this.#epfd, operation, fd, event))
  }
}
