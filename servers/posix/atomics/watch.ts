/**
 * The kernel thread at the doorbell. If it finds several marks when it is rung, more are likely to
 * come soon: so it watches, that is, it looks for marks by itself once in a while, and nobody has to
 * ring. It stops once it has found none for a whole period. A single mark is not worth a timer: that
 * would wake this thread once more for each message of a single client.
 */
import { stopWatching, takeMarks, watch } from './doorbell.ts'
import { count, raise, wake } from './event-count.ts'
import { HEADER } from './layout.ts'

/**
 * Milliseconds between two looks. A program that sends and then computes for long has its bytes on
 * their way after at most two of these.
 */
const PERIOD = 1

export class Watch {
  readonly #words: Int32Array
  readonly #serve: (fd: number) => void
  readonly #timer: NodeJS.Timeout
  #isWatching = false
  #hasFound = false
  #isWaking = false

  /** @param serve does what is due on a socket that was marked */
  constructor(words: Int32Array, serve: (fd: number) => void) {
    this.#words = words
    this.#serve = serve
    this.#timer = setTimeout(() => this.#passed(), PERIOD).unref()
  }

  /** The doorbell has been rung. */
  rung(): void {
    watch(this.#words)
    if (this.look() > 1) this.#goOn()
    else if (!this.#isWatching) this.#rest()
  }

  /** Serves the sockets that are marked; returns how many they were. */
  look(): number {
    const found: number[] = []
    takeMarks(this.#words, found)
    for (const fd of found) this.#serve(fd)
    if (found.length > 0) this.#hasFound = true
    return found.length
  }

  /** Wakes the threads in `poll`, once all events of this round of Node's event loop are in. */
  wakePolls(): void {
    if (!count(this.#words, HEADER.polls) || this.#isWaking) return
    this.#isWaking = true
    setImmediate(() => {
      this.#isWaking = false
      wake(this.#words, HEADER.polls)
    })
  }

  /** Ends all sleep in `poll`, for good. */
  stop(): void {
    Atomics.store(this.#words, HEADER.stopped, 1)
    raise(this.#words, HEADER.polls)
  }

  #goOn(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    this.#timer.refresh()
  }

  #rest(): void {
    while (!stopWatching(this.#words)) this.look()
  }

  /** A period has passed. */
  #passed(): void {
    this.look()
    const goesOn = this.#hasFound
    this.#hasFound = false
    this.#isWatching = false
    if (goesOn) this.#goOn()
    else this.#rest()
  }
}
