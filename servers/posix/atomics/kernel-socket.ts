/**
 * The kernel's side of a socket that it shares with the program: what the host has delivered goes
 * into the receive ring, what is in the send ring goes to the host, and every change that a thread
 * may wait for wakes it.
 */
import type { BlockPool } from './blocks.ts'
import { raise } from './event-count.ts'
import { FLAG, OPEN, SOCKET } from './layout.ts'
import { lock, unlock } from './lock.ts'
import { SharedSocket } from './shared-socket.ts'
import type { Watch } from './watch.ts'

/** What the sockets of one kernel thread share. */
export interface Shared {
  readonly table: Int32Array
  readonly pool: BlockPool
  readonly watch: Watch
}

export class KernelSocket extends SharedSocket {
  readonly #shared: Shared

  constructor(shared: Shared, fd: number) {
    super(shared.table, fd, shared.pool)
    this.#shared = shared
  }

  /** The descriptor stands for a new socket from now on. */
  open(nonblocking: boolean): void {
    this.words[SOCKET.flags] = nonblocking ? FLAG.nonblocking : 0
    this.words[SOCKET.error] = 0
  }

  /** The events of a socket that is not a connection. */
  present(events: number): void {
    this.#change(() => {
      this.words[SOCKET.events] = OPEN | events
    })
  }

  /** It is a connection from now on. Its send ring begins small, and its receive ring empty. */
  connect(): void {
    this.#change(() => {
      this.words[SOCKET.flags]! |= FLAG.connected
      this.send.grow(1, this.#shared.pool)
    })
  }

  /** Timeouts in milliseconds, 0: without end; buffers in bytes. */
  limit(receiveTimeout: number, sendTimeout: number, receive: number, send: number): void {
    this.#change(() => {
      this.words[SOCKET.receiveTimeout] = receiveTimeout
      this.words[SOCKET.sendTimeout] = sendTimeout
      this.receive.limit = receive
      this.send.limit = send
    })
  }

  /** Bytes for the program; returns how many fitted. If not all did, `more` is set. */
  deliver(bytes: Uint8Array): number {
    return this.#change(() => {
      if (this.receive.mustGrow(bytes.length)) this.receive.grow(bytes.length, this.#shared.pool)
      const count = this.receive.put(bytes)
      this.#set(FLAG.more, count < bytes.length)
      return count
    })
  }

  /** Copies bytes for the host, without the first `skip`, which it is given already; how many. */
  outgoing(into: Uint8Array, skip: number): number {
    lock(this.words, SOCKET.lock)
    const count = this.send.copy(into, skip)
    unlock(this.words, SOCKET.lock)
    return count
  }

  /** The host has taken so many bytes: there is room again. */
  sent(count: number): void {
    this.#change(() => this.send.drop(count))
  }

  /** A program thread wants to send so many bytes, and finds the ring's memory too small. */
  makeRoom(count: number): void {
    this.#change(() => {
      if (this.send.mustGrow(count)) this.send.grow(count, this.#shared.pool)
    })
  }

  /** No more bytes come or go, by the flags of these names. */
  end(flags: number): void {
    this.#change(() => this.#set(flags, true))
  }

  /** An error, and what it ends: in one step, since a program thread may look at any time. */
  fail(errno: number, flags: number, events: number): void {
    this.#change(() => {
      this.words[SOCKET.error] = errno
      this.words[SOCKET.events] = OPEN | events
      this.#set(flags, true)
    })
  }

  get hasFailed(): boolean {
    return this.words[SOCKET.error] !== 0
  }

  takeError(): number {
    return this.#change(() => this.takePending())
  }

  /** Whoever sleeps in a call on this socket finds that it is not there any more. */
  close(): void {
    this.#change(() => {
      this.receive.free(this.#shared.pool)
      this.send.free(this.#shared.pool)
      this.words[SOCKET.flags] = 0
      this.words[SOCKET.events] = 0
      this.words[SOCKET.error] = 0
      this.words[SOCKET.generation]! += 1
    })
    this.#wake()
  }

  #set(flags: number, on: boolean): void {
    if (on) this.words[SOCKET.flags]! |= flags
    else this.words[SOCKET.flags]! &= ~flags
  }

  #change<Result>(action: () => Result): Result {
    lock(this.words, SOCKET.lock)
    let risen = false
    try {
      const result = action()
      risen = this.settle()
      return result
    } finally {
      unlock(this.words, SOCKET.lock)
      if (risen) this.#wake()
    }
  }

  #wake(): void {
    raise(this.words, SOCKET.changes)
    this.#shared.watch.wakePolls()
  }
}
