/** The two queues that a program shares with the kernel. */

/** Memory that both sides see, in signed 32-bit words. What is written is seen at once. */
export interface Shared {
  read(word: number): number
  write(word: number, value: number): void
}

// Word 0 is the head, word 1 the tail: see exercise.md. The entries come after them.
const HEAD = 0
const TAIL = 1
const FIRST = 2

/** What the program wants done: the kernel takes from the head, the program adds at the tail. */
export class SubmissionQueue {
  readonly #shared: Shared
  readonly #size: number
  /** Our own counter: nobody else moves it. */
  #tail: number

  /** @param size entries, a power of two */
  constructor(shared: Shared, size: number) {
    this.#shared = shared
    this.#size = size
    this.#tail = shared.read(TAIL) >>> 0
  }

  /** Returns false if there is no room: the kernel must take something first. */
  push(entry: number): boolean {
    const waiting = (this.#tail - this.#shared.read(HEAD)) >>> 0
    if (waiting >= this.#size) return false
    this.#shared.write(FIRST + (this.#tail & (this.#size - 1)), entry)
    this.#tail = (this.#tail + 1) >>> 0
    this.#shared.write(TAIL, this.#tail | 0)
    return true
  }
}

/** What has been done: the program takes from the head, the kernel adds at the tail. */
export class CompletionQueue {
  readonly #shared: Shared
  readonly #size: number

  /** @param size entries, a power of two */
  constructor(shared: Shared, size: number) {
    this.#shared = shared
    this.#size = size
  }

  /** The next entry; undefined if there is none. */
  take(): number | undefined {
    const head = this.#shared.read(HEAD)
    if (head === this.#shared.read(TAIL)) return undefined
    const entry = this.#shared.read(FIRST + (head & (this.#size - 1)))
    // The head says “what lies before it has been read”. The kernel may write there at once.
    this.#shared.write(HEAD, (head + 1) | 0)
    return entry
  }
}
