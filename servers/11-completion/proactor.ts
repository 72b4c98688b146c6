/**
 * A proactor: operations are handed over, and their completions come back. After D. Schmidt and
 * others, "Pattern-Oriented Software Architecture", volume 2 (2000), where it stands beside the
 * reactor.
 *
 *     begun → completed               recv alone: begun → completed with MORE* → completed
 *
 * A completion handler is called with the result of the operation, which is what the system call of
 * its name returns, or the errno as a negative number; and with flags. What an operation was given,
 * its descriptor and its block, stays as it is until then: the kernel uses both in its own time.
 *
 * Where it differs: the book's completion handler is an object with a method per operation, ours a
 * function; and there the system hands out completions one by one, here `dispatch` reads a batch.
 */
import { BLOCK, Blocks, high, low } from './blocks.ts'
import { Memory } from './memory.ts'
import { Ring, type RingSizes, WORDS } from './ring.ts'

export type CompletionHandler = (result: number, flags: number) => void

/** The number of an operation in flight, for `cancel`. After its completion it is another's. */
export type Operation = number

/** Flags of a completion. BUFFER: the upper 16 bits name a block, see `Blocks.claim`. */
export const BUFFER = 1
export const MORE = 2

/** IORING_OP_…, and the flags in the same word: code | flags << 8 | priority << 16. */
const BUFFER_SELECT = 1 << (5 + 8)
const MULTISHOT = 1 << (1 + 16)
const OP = {
  POLL_ADD: 6,
  TIMEOUT: 11,
  ACCEPT: 13,
  ASYNC_CANCEL: 14,
  CLOSE: 19,
  SEND: 26,
  RECV: 27 | BUFFER_SELECT | MULTISHOT,
  SHUTDOWN: 34,
} as const

// The words of a submission after the first.
const FD = 1
const ADDRESS = 4
const LENGTH = 6
const FLAGS = 7
const USER_DATA = 8

const MSG_NOSIGNAL = 0x4000
const SOCK_CLOEXEC = 0o2000000
const CANCEL_ALL = 1 << 0
const CANCEL_ANY = 1 << 2
/** Words of a struct __kernel_timespec: 64 bits of seconds, 64 bits of nanoseconds. */
const TIMESPEC = 4

/** Not limits: a full submission queue is submitted, and completions that overflow are kept. */
const SIZES: RingSizes = { submissions: 1024, completions: 4096 }

export class Proactor {
  readonly #ring: Ring
  /** What recv fills and send sends. */
  readonly blocks: Blocks
  /**
   * By operation: the handler that is called. The operation's number travels as its user data and
   * comes back with the completion: the "asynchronous completion token" of the book. Nothing is
   * looked up by descriptor, since by then its number may stand for another connection.
   */
  readonly #handlers: (CompletionHandler | undefined)[] = []
  readonly #free: Operation[] = []
  /** Room for a timespec beside each submission: the kernel reads it when it takes that. */
  readonly #times: Memory
  /** The submission that is being written: its first word. */
  #at = 0

  /** Only the thread that makes it may submit and wait (SINGLE_ISSUER). */
  constructor(sizes: RingSizes = SIZES, modes?: readonly number[]) {
    this.#ring = new Ring(sizes, modes)
    this.blocks = new Blocks(this.#ring)
    this.#times = Memory.allocate((this.#ring.entries.length / WORDS) * TIMESPEC * 4)
  }

  /** How many operations are submitted and not completed. */
  get inFlight(): number {
    return this.#handlers.length - this.#free.length
  }

  // #region operations
  /** accept4(2): a new descriptor. */
  accept(listener: number, handler: CompletionHandler): Operation {
    const operation = this.#begin(OP.ACCEPT, listener, handler)
    this.#set(FLAGS, SOCK_CLOEXEC)
    return operation
  }

  /**
   * recv(2) for as long as the stream lasts. Each completion with BUFFER brings a block, which the
   * handler must claim. The last one has no MORE: 0 at the end of the stream, or an errno; ENOBUFS
   * says that no block was free at the moment.
   */
  recv(fd: number, handler: CompletionHandler): Operation {
    return this.#begin(OP.RECV, fd, handler)
  }

  /** send(2) of the bytes `from` … `to` of a block: how many were sent, which may be fewer. */
  send(fd: number, block: number, from: number, to: number, handler: CompletionHandler): Operation {
    if (from < 0 || from >= to || to > BLOCK) throw new RangeError(`${from} to ${to} of a block`)
    const operation = this.#begin(OP.SEND, fd, handler)
    this.#setAddress(this.blocks.address(block) + from)
    this.#set(LENGTH, to - from)
    this.#set(FLAGS, MSG_NOSIGNAL)
    return operation
  }
  // #endregion operations

  /**
   * shutdown(2). A worker thread of the kernel makes it, and only then looks up what `fd` stands
   * for. If `fd` was closed meanwhile, and its number given to another connection, that one is shut
   * down. So close `fd` only after this has completed.
   */
  shutdown(fd: number, how: number, handler: CompletionHandler): Operation {
    const operation = this.#begin(OP.SHUTDOWN, fd, handler)
    this.#set(LENGTH, how)
    return operation
  }

  /** close(2). What is still in flight on `fd` keeps the socket open: cancel it first. */
  close(fd: number, handler: CompletionHandler): Operation {
    return this.#begin(OP.CLOSE, fd, handler)
  }

  /**
   * poll(2) of one descriptor, readiness as one operation among others: the events by which it was
   * woken. Errors and hang-ups need not be asked for.
   */
  poll(fd: number, events: number, handler: CompletionHandler): Operation {
    const operation = this.#begin(OP.POLL_ADD, fd, handler)
    this.#set(FLAGS, events)
    return operation
  }

  /** Completes with -ETIME after the time; no other event completes it. */
  timeout(milliseconds: number, handler: CompletionHandler): Operation {
    const operation = this.#begin(OP.TIMEOUT, -1, handler)
    const at = (this.#at / WORDS) * TIMESPEC
    const seconds = Math.floor(milliseconds / 1000)
    new Int32Array(this.#times.bytes).set([seconds, 0, (milliseconds % 1000) * 1e6], at)
    this.#setAddress(this.#times.address + 4 * at)
    this.#set(LENGTH, 1)
    return operation
  }

  /**
   * Cancels an operation. Both complete: the cancelled one with -ECANCELED, unless it was faster
   * and completes with what it has done; this one with 0 if the other was found.
   */
  cancel(operation: Operation, handler: CompletionHandler = ignore): Operation {
    const own = this.#begin(OP.ASYNC_CANCEL, -1, handler)
    this.#set(ADDRESS, operation)
    return own
  }

  // #region run
  /** Submits what has been begun, and waits until at least one operation has completed. */
  wait(): void {
    this.#ring.wait()
  }

  /** Calls the handlers of what has completed. They may begin new operations. */
  dispatch(): void {
    const ring = this.#ring
    for (let left = ring.ready; left > 0; left--) {
      ring.take()
      const { userData, result, flags } = ring
      const handler = this.#handlers[userData]!
      if ((flags & MORE) === 0) this.#forget(userData)
      handler(result, flags)
    }
  }
  // #endregion run

  /**
   * Cancels everything in flight, awaits its completion, and only then gives the memory back. A
   * client that is accepted meanwhile must be closed by the handler of its accept.
   */
  stop(): void {
    while (this.inFlight > 0) {
      this.#begin(OP.ASYNC_CANCEL, -1, ignore)
      this.#set(FLAGS, CANCEL_ALL | CANCEL_ANY)
      this.wait()
      this.dispatch()
    }
    this.#ring.close()
    this.blocks.unmap()
    this.#times.unmap()
  }

  #begin(code: number, fd: number, handler: CompletionHandler): Operation {
    const operation = this.#free.pop() ?? this.#handlers.length
    this.#handlers[operation] = handler
    this.#at = this.#ring.prepare()
    this.#set(0, code)
    this.#set(FD, fd)
    this.#set(USER_DATA, operation)
    return operation
  }

  #set(word: number, value: number): void {
    this.#ring.entries[this.#at + word] = value
  }

  #setAddress(address: number): void {
    this.#set(ADDRESS, low(address))
    this.#set(ADDRESS + 1, high(address))
  }

  #forget(operation: Operation): void {
    this.#handlers[operation] = undefined
    this.#free.push(operation)
  }
}

function ignore(): void {}
