/**
 * A socket as both sides see it, in the words of its descriptor in the table, and what the program's
 * side does with it: `recv` and `send` without the kernel. kernel-socket.ts is the other side.
 */
import { POLLERR, POLLHUP, POLLIN, POLLOUT } from '../api.ts'
import type { Slabs } from './blocks.ts'
import { FLAG, OPEN, SOCKET, SOCKET_WORDS, TABLE } from './layout.ts'
import { lock, unlock } from './lock.ts'
import { errno } from './page.ts'
import { Ring } from './ring.ts'

/** Answers that are no count of bytes; below them is no errno. */
export const ANSWER = {
  /** There is nothing to do until an event comes. */
  wait: -0x10000,
  /** The kernel has to do something first, or to refuse the call. */
  ask: -0x10001,
} as const

const EPIPE = errno('EPIPE')
const EBADF = errno('EBADF')

export class SharedSocket {
  readonly words: Int32Array
  readonly receive: Ring
  readonly send: Ring

  constructor(table: Int32Array, fd: number, slabs: Slabs) {
    const first = TABLE.socket(table, fd)
    this.words = table.subarray(first, first + SOCKET_WORDS)
    this.receive = new Ring(this.words.subarray(SOCKET.receive, SOCKET.send), slabs)
    this.send = new Ring(this.words.subarray(SOCKET.send, SOCKET_WORDS), slabs)
  }

  has(flag: number): boolean {
    return (this.words[SOCKET.flags]! & flag) !== 0
  }

  /**
   * recv(2): the number of bytes, 0 at the end of the stream, minus an errno, or an ANSWER.
   *
   * @param generation of the socket that is meant: while a thread sleeps, another one may close the
   *   descriptor, and its number may be given to a new socket
   */
  tryRecv(into: Uint8Array, generation: number): number {
    lock(this.words, SOCKET.lock)
    try {
      const result = generation === this.words[SOCKET.generation] ? this.#recv(into) : -EBADF
      this.settle()
      return result
    } finally {
      unlock(this.words, SOCKET.lock)
    }
  }

  /** send(2): the number of bytes taken, minus an errno, or an ANSWER. */
  trySend(bytes: Uint8Array, generation: number): number {
    lock(this.words, SOCKET.lock)
    try {
      const result = generation === this.words[SOCKET.generation] ? this.#send(bytes) : -EBADF
      this.settle()
      return result
    } finally {
      unlock(this.words, SOCKET.lock)
    }
  }

  /**
   * Says to `poll` what has changed, under the lock. Returns true if an event holds that did not
   * hold before: whoever waits for it has to be woken.
   */
  protected settle(): boolean {
    const before = this.words[SOCKET.ready]!
    const now = this.#events()
    if (now !== before) Atomics.store(this.words, SOCKET.ready, now)
    return (now & ~before) !== 0
  }

  /** An error is reported once, by the next call; returns its errno. Under the lock. */
  protected takePending(): number {
    const error = this.words[SOCKET.error]!
    this.words[SOCKET.error] = 0
    return error
  }

  /** Bytes come before the error that came after them. */
  #recv(into: Uint8Array): number {
    if (!this.has(FLAG.connected) || !this.receive.isMapped) return ANSWER.ask
    const count = this.receive.copy(into)
    if (count > 0) {
      this.receive.drop(count)
      return count
    }
    if (this.has(FLAG.more)) return ANSWER.ask
    const error = this.takePending()
    if (error !== 0) return -error
    return this.has(FLAG.receiveEnded) ? 0 : ANSWER.wait
  }

  #send(bytes: Uint8Array): number {
    if (!this.has(FLAG.connected) || !this.send.isMapped) return ANSWER.ask
    const error = this.takePending()
    if (error !== 0) return -error
    if (this.has(FLAG.sendEnded)) return -EPIPE
    if (bytes.length === 0) return 0
    if (this.send.room === 0) return ANSWER.wait
    // Only the kernel can give the ring more memory.
    return this.send.mustGrow(bytes.length) ? ANSWER.ask : this.send.put(bytes)
  }

  /** The events of poll(2), as Linux has them. */
  #events(): number {
    const flags = this.words[SOCKET.flags]!
    const error = this.words[SOCKET.error] === 0 ? 0 : POLLERR
    if ((flags & FLAG.connected) === 0) return this.words[SOCKET.events]! | error
    const input = this.receive.used > 0 || flags & FLAG.receiveEnded ? POLLIN : 0
    const output = this.send.room > 0 || flags & FLAG.sendEnded ? POLLOUT : 0
    const ended = FLAG.receiveEnded | FLAG.sendEnded
    return OPEN | input | output | ((flags & ended) === ended ? POLLHUP : 0) | error
  }
}
