/**
 * The calls that need no kernel: `recv`, `send` and `poll` look into shared memory, and return. A
 * thread sleeps only if there is nothing to do, on the event count of the socket that it waits for;
 * in `poll`, which may wait for many, on one event count for all, and looks at its own after each
 * change.
 */
import { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT } from '../api.ts'
import { Slabs } from './blocks.ts'
import { mark, ringBeforeSleep } from './doorbell.ts'
import { announce, sleep, withdraw } from './event-count.ts'
import { FLAG, HEADER, LISTENING, OPEN, SOCKET, SOCKET_WORDS, TABLE } from './layout.ts'
import { errno } from './page.ts'
import { ANSWER, SharedSocket } from './shared-socket.ts'

const EAGAIN = errno('EAGAIN')
const EBADF = errno('EBADF')
/** Events that are reported even if they were not asked for. */
const ALWAYS = POLLERR | POLLHUP

/** The ways from here to the kernel. */
export interface Kernel {
  /** Lets the kernel do what this thread can't; returns 0, or minus an errno if that is refused. */
  ask(call: 'recv' | 'send', fd: number, bytes: number): number
  /** Rings the doorbell. */
  ring(): void
}

export class Sockets {
  readonly slabs = new Slabs()
  readonly #words: Int32Array
  readonly #kernel: Kernel
  readonly #sockets: SharedSocket[] = []
  readonly #ring: () => void

  constructor(table: SharedArrayBuffer, kernel: Kernel) {
    this.#words = new Int32Array(table)
    this.#kernel = kernel
    this.#ring = () => kernel.ring()
  }

  /** All descriptors are below this number. */
  get limit(): number {
    return this.#words[HEADER.limit]!
  }

  hasStopped(): boolean {
    return Atomics.load(this.#words, HEADER.stopped) !== 0
  }

  /** recv(2): the number of bytes, 0 at the end, or minus an errno. */
  recv(fd: number, into: Uint8Array): number {
    const count = this.#transfer('recv', fd, into)
    // There is room now for what the kernel has held back.
    if (count > 0 && this.#sockets[fd]!.has(FLAG.more)) mark(this.#words, fd, this.#ring)
    return count
  }

  /** send(2): the number of bytes taken, or minus an errno. */
  send(fd: number, bytes: Uint8Array): number {
    const count = this.#transfer('send', fd, bytes)
    if (count > 0) mark(this.#words, fd, this.#ring)
    return count
  }

  /** poll(2) without its checks. */
  poll(set: Int32Array, count: number, timeout: number): number {
    let found = this.#look(set, count)
    if (found > 0 || timeout === 0) return found
    const deadline = timeout < 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout
    ringBeforeSleep(this.#words, this.#ring)
    for (let left = deadline; found === 0 && left > 0; left = deadline - performance.now()) {
      const seen = announce(this.#words, HEADER.polls)
      found = this.#look(set, count)
      if (found === 0 && !this.hasStopped()) {
        sleep(this.#words, HEADER.polls, seen, deadline - performance.now())
        found = this.#look(set, count)
      }
      withdraw(this.#words, HEADER.polls)
      if (this.hasStopped()) break
    }
    return found
  }

  /** True for a listener that is non-blocking and has no connection: accept would be in vain. */
  hasNothing(fd: number): boolean {
    const socket = this.#find(fd)
    if (!socket?.has(FLAG.nonblocking)) return false
    const ready = Atomics.load(socket.words, SOCKET.ready)
    return (ready & (LISTENING | POLLIN | ALWAYS)) === LISTENING
  }

  #transfer(call: 'recv' | 'send', fd: number, bytes: Uint8Array): number {
    const socket = this.#find(fd)
    if (!socket) return -EBADF
    const generation = Atomics.load(socket.words, SOCKET.generation)
    let deadline: number | undefined
    for (;;) {
      const result =
        call === 'recv' ? socket.tryRecv(bytes, generation) : socket.trySend(bytes, generation)
      if (result === ANSWER.ask) {
        const refusal = this.#kernel.ask(call, fd, bytes.length)
        if (refusal < 0) return refusal
      } else if (result === ANSWER.wait) {
        if (socket.has(FLAG.nonblocking)) return -EAGAIN
        deadline ??= deadlineOf(socket, call)
        if (!this.#sleep(socket, call === 'recv' ? POLLIN : POLLOUT, generation, deadline)) {
          return -EAGAIN
        }
      } else return result
    }
  }

  /** Sleeps until one of the events may hold. Returns false if there is no time left for it. */
  #sleep(socket: SharedSocket, events: number, generation: number, deadline: number): boolean {
    const patience = deadline - performance.now()
    if (patience <= 0) return false
    ringBeforeSleep(this.#words, this.#ring)
    const { words } = socket
    const seen = announce(words, SOCKET.changes)
    const ready = Atomics.load(words, SOCKET.ready)
    const isSame = Atomics.load(words, SOCKET.generation) === generation
    if (isSame && !(ready & (events | POLLERR))) sleep(words, SOCKET.changes, seen, patience)
    withdraw(words, SOCKET.changes)
    return true
  }

  /** Writes the current events into the set; returns the number of entries that have any. */
  #look(set: Int32Array, count: number): number {
    const words = this.#words
    const first = TABLE.socket(words, 0) + SOCKET.ready
    const limit = this.limit
    let found = 0
    for (let i = 0; i < count; i++) {
      const fd = set[2 * i]!
      const asked = set[2 * i + 1]! & 0xffff
      const ready = fd >= 0 && fd < limit ? Atomics.load(words, first + fd * SOCKET_WORDS) : 0
      let events = fd < 0 ? 0 : POLLNVAL
      if (ready & OPEN) events = ready & (asked | ALWAYS)
      set[2 * i + 1] = asked | (events << 16)
      if (events !== 0) found += 1
    }
    return found
  }

  #find(fd: number): SharedSocket | undefined {
    if (!Number.isInteger(fd) || fd < 0 || fd >= this.limit) return undefined
    this.#sockets[fd] ??= new SharedSocket(this.#words, fd, this.slabs)
    return this.#sockets[fd]
  }
}

function deadlineOf({ words }: SharedSocket, call: 'recv' | 'send'): number {
  const timeout = words[call === 'recv' ? SOCKET.receiveTimeout : SOCKET.sendTimeout]!
  return timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout
}
