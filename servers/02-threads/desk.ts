/**
 * Where the acceptor hands clients over to the connection threads: a bounded buffer in memory that
 * all of them share, guarded by semaphores. It is the oldest exercise there is about threads:
 * Dijkstra, "Cooperating Sequential Processes", 1965, sections 4.1 and 4.3.
 *
 * A semaphore counts what can be taken. A thread that finds it at zero sleeps, in `Atomics.wait`,
 * until another thread has added something; the kernel does the same in futex(2).
 */

/** The words of the shared memory; the slots of the buffer follow. */
const WORD = { places: 0, handed: 1, idle: 2, head: 3, slots: 4 } as const

/** Stands in a slot instead of a client: the thread that takes it ends. */
const END = -1

export class Desk {
  readonly words: Int32Array
  #tail = 0

  private constructor(words: Int32Array) {
    this.words = words
  }

  /** A new desk, for this number of clients at a time. */
  static create(places: number): Desk {
    // Two slots for each place, since at the end every thread is handed an END too. A power of two,
    // so that a number which has run past 2 ** 32 still finds its slot.
    const slots = 2 ** Math.ceil(Math.log2(2 * places))
    const words = new Int32Array(new SharedArrayBuffer(4 * (WORD.slots + slots)))
    words[WORD.places] = places
    return new Desk(words)
  }

  /** The same desk, in another thread. */
  static attach(words: Int32Array): Desk {
    return new Desk(words)
  }

  // #region acceptor
  /** Waits until one client fewer is being served than there are places, and takes the place. */
  takePlace(): void {
    acquire(this.words, WORD.places)
  }

  /** True if a thread is free for the next client. Only the acceptor lowers the number of them. */
  get hasIdleThread(): boolean {
    return Atomics.load(this.words, WORD.idle) > 0
  }

  /** The next thread that is free serves `fd`. */
  hand(fd: number): void {
    Atomics.sub(this.words, WORD.idle, 1)
    this.#put(fd)
  }
  // #endregion acceptor

  /** The next thread that is free ends. */
  handEnd(): void {
    this.#put(END)
  }

  /** A thread has started. */
  addThread(): void {
    Atomics.add(this.words, WORD.idle, 1)
  }

  // #region thread
  /** Waits for a client. Null: the thread has to end. */
  take(): number | null {
    acquire(this.words, WORD.handed)
    const fd = Atomics.load(this.words, this.#slot(Atomics.add(this.words, WORD.head, 1)))
    return fd === END ? null : fd
  }

  /** The client has left: its thread is free, and so is its place. */
  done(): void {
    Atomics.add(this.words, WORD.idle, 1)
    release(this.words, WORD.places)
  }
  // #endregion thread

  #put(fd: number): void {
    Atomics.store(this.words, this.#slot(this.#tail), fd)
    this.#tail += 1
    release(this.words, WORD.handed)
  }

  /** Where in the buffer the hand-over with this number is. */
  #slot(number: number): number {
    return WORD.slots + ((number >>> 0) % (this.words.length - WORD.slots))
  }
}

// #region semaphore
/** Dijkstra's P: takes one, or waits until there is one. */
function acquire(words: Int32Array, semaphore: number): void {
  for (;;) {
    const count = Atomics.load(words, semaphore)
    if (count === 0) Atomics.wait(words, semaphore, 0)
    else if (Atomics.compareExchange(words, semaphore, count, count - 1) === count) return
  }
}

/** Dijkstra's V: adds one, and wakes one thread that waits. */
function release(words: Int32Array, semaphore: number): void {
  Atomics.add(words, semaphore, 1)
  Atomics.notify(words, semaphore, 1)
}
// #endregion semaphore
