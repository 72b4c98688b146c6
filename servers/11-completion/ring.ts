/**
 * io_uring(7): two queues in memory that the kernel and the program share. Into the one the program
 * writes what it wants done, out of the other it reads what has been done.
 *
 *     submission queue   program to kernel   64 bytes: operation, descriptor, buffer, user data
 *     completion queue   kernel to program   16 bytes: user data, result, flags
 *
 * One system call, io_uring_enter(2), hands over everything submitted and waits for completions.
 * Layouts and numbers are those of <linux/io_uring.h>, in 32-bit words of a little-endian machine.
 *
 * Each queue has a head and a tail that count up for ever; one side moves the head, the other side
 * the tail. A side that moves its counter says "what lies before it is written" or "has been read".
 * Therefore the counters, and only they, are read and written with Atomics, which work on any
 * buffer: the other side must not see a counter before what it counts, and the kernel may be at
 * work on another processor at that moment. The two counters that the program moves are fields of
 * its own, and the kernel is shown them when it is called. Until then it finds less room than there
 * is, which does no harm.
 */
import { constants } from 'node:os'
import koffi from 'koffi'
import { SystemError } from '../posix/api.ts'
import { check } from '../posix/libc.ts'
import { Memory } from './memory.ts'

const library = koffi.load(null)
// The C library has no functions for these three, only syscall(2). It is variadic; declared with
// the arguments that each takes, they travel in the same registers.
const c = {
  setup: library.func('long syscall(long number, uint entries, void *params)'),
  enter: library.func(
    'long syscall(long n, int fd, uint submit, uint complete, uint flags, void *arg, long size)',
  ),
  register: library.func('long syscall(long number, int fd, uint what, void *arg, uint count)'),
  close: library.func('int close(int fd)'),
}
const { EAGAIN, EBUSY, EINTR, EINVAL } = constants.errno
const AGAIN = new Set([EINTR, EBUSY, EAGAIN])

/** The numbers of these system calls, on every architecture. */
const IO_URING_SETUP = 425
const IO_URING_ENTER = 426
const IO_URING_REGISTER = 427

const SETUP_CQSIZE = 1 << 3
const SETUP_CLAMP = 1 << 4
const SETUP_SUBMIT_ALL = 1 << 7
const SETUP_COOP_TASKRUN = 1 << 8
const SETUP_SINGLE_ISSUER = 1 << 12
const SETUP_DEFER_TASKRUN = 1 << 13
const ENTER_GETEVENTS = 1
const OFFSET_SUBMISSIONS = 0x10000000

const COMMON = SETUP_CQSIZE | SETUP_CLAMP | SETUP_SUBMIT_ALL | SETUP_SINGLE_ISSUER
/**
 * When the kernel does the rest of its work for us: while we wait (DEFER_TASKRUN, Linux 6.1), or on
 * the way back from any system call (COOP_TASKRUN, Linux 6.0).
 */
export const MODES: readonly number[] = [COMMON | SETUP_DEFER_TASKRUN, COMMON | SETUP_COOP_TASKRUN]

/** Words of a submission. */
export const WORDS = 16

export interface RingSizes {
  /** Submissions between two system calls; rounded up to a power of two, as the next. */
  readonly submissions: number
  /** Completions that wait to be read. The kernel keeps more where it must, at some cost. */
  readonly completions: number
}

export class Ring {
  readonly #fd: number
  readonly #queues: Memory
  readonly #entries: Memory
  /** The submissions, {@link WORDS} words each. */
  readonly entries: Int32Array
  /** The counters and the completions, and where in there each lies. */
  readonly #words: Int32Array
  readonly #at: Layout
  /** Submissions written, and of those the ones that the kernel has taken. */
  #written = 0
  #submitted = 0
  /** Completions taken. All three wrap, as the kernel's counters do. */
  #taken = 0

  // The completion that `take` has found.
  userData = 0
  result = 0
  flags = 0

  /** Throws the SystemError of io_uring_setup(2) where there is no io_uring: see io-uring.ts. */
  constructor(sizes: RingSizes, modes = MODES) {
    const params = new Int32Array(30)
    this.#fd = setup(sizes, params, modes)
    this.#at = layout(params)
    this.#queues = Memory.share(this.#fd, 0, this.#at.size)
    this.#entries = Memory.share(this.#fd, OFFSET_SUBMISSIONS, 4 * WORDS * this.#at.submissions)
    this.entries = new Int32Array(this.#entries.bytes)
    this.#words = new Int32Array(this.#queues.bytes)
    // The kernel reads submission i where this array says. Always in order is all we need.
    for (let i = 0; i < this.#at.submissions; i++) this.#words[this.#at.order + i] = i
  }

  /**
   * Room for a submission: the index of its first word in `entries`. All words are zero. What is
   * written there stays unseen by the kernel until the next `flush` or `wait`.
   */
  prepare(): number {
    const { submissions } = this.#at
    if (((this.#written - this.#submitted) | 0) === submissions) this.flush()
    const first = (this.#written & (submissions - 1)) * WORDS
    this.#written = (this.#written + 1) | 0
    this.entries.fill(0, first, first + WORDS)
    return first
  }

  /** Submits everything, and doesn't wait. */
  flush(): void {
    while (this.#submitted !== this.#written) this.#enter(0, 0)
  }

  /** Submits everything, and waits for one completion at least: the one call of a busy server. */
  wait(): void {
    this.#enter(1, ENTER_GETEVENTS)
  }

  /** How many completions can be taken now. */
  get ready(): number {
    return (Atomics.load(this.#words, this.#at.tail) - this.#taken) | 0
  }

  /** Takes the next of the completions that are `ready`: see `userData`, `result` and `flags`. */
  take(): void {
    const words = this.#words
    const { completions, first } = this.#at
    const at = first + 4 * (this.#taken & (completions - 1))
    this.userData = words[at]!
    this.result = words[at + 2]!
    this.flags = words[at + 3]!
    this.#taken = (this.#taken + 1) | 0
  }

  /** io_uring_register(2). */
  register(what: number, arg: Int32Array, count: number): void {
    check('io_uring_register', c.register(IO_URING_REGISTER, this.#fd, what, arg, count))
  }

  /** Nothing may be in flight any more. */
  close(): void {
    this.#queues.unmap()
    this.#entries.unmap()
    check('close', c.close(this.#fd))
  }

  #enter(complete: number, flags: number): void {
    Atomics.store(this.#words, this.#at.written, this.#written)
    Atomics.store(this.#words, this.#at.taken, this.#taken)
    const submit = (this.#written - this.#submitted) | 0
    const count = c.enter(IO_URING_ENTER, this.#fd, submit, complete, flags, null, 0)
    if (count >= 0) {
      this.#submitted = (this.#submitted + count) | 0
      return
    }
    // A signal; more completions than the queue holds; no memory for now. Nothing is lost: the
    // caller takes what has completed, and calls again.
    if (!AGAIN.has(koffi.errno())) throw new SystemError('io_uring_enter', koffi.errno())
  }
}

type Layout = ReturnType<typeof layout>

/** Where the kernel has put the parts, from `struct io_uring_params`: offsets in words. */
function layout(params: Int32Array) {
  const submissions = params[0]!
  const completions = params[1]!
  const sq = params.subarray(10, 20)
  const cq = params.subarray(20, 30)
  return {
    submissions,
    completions,
    written: sq[1]! >> 2,
    order: sq[6]! >> 2,
    taken: cq[0]! >> 2,
    tail: cq[1]! >> 2,
    first: cq[5]! >> 2,
    /** Of all of it, in bytes. */
    size: Math.max(sq[6]! + 4 * submissions, cq[5]! + 16 * completions),
  }
}

function setup(sizes: RingSizes, params: Int32Array, modes: readonly number[]): number {
  let errno = EINVAL
  for (const mode of modes) {
    params.fill(0)
    params[1] = sizes.completions
    params[2] = mode
    const fd = c.setup(IO_URING_SETUP, sizes.submissions, params)
    if (fd >= 0) return fd
    errno = koffi.errno()
    // A flag that this kernel doesn't know yet.
    if (errno !== EINVAL) break
  }
  throw new SystemError('io_uring_setup', errno)
}
