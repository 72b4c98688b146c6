/** The calls of a reactor that are made later, the earliest first. */

export interface DelayedCall {
  /** The call will not be made. */
  cancel(): void
  /** The call will be made this number of seconds from now. */
  reset(seconds: number): void
}

interface Entry {
  time: number
  /** Calls of the same time are made in the order of `callLater`. */
  readonly serial: number
  readonly call: () => void
}

export class DelayedCalls {
  readonly #seconds: () => number
  #calls: Entry[] = []
  #serial = 0

  /** @param seconds the clock */
  constructor(seconds: () => number) {
    this.#seconds = seconds
  }

  callLater(delay: number, call: () => void): DelayedCall {
    this.#serial += 1
    const entry = { time: this.#seconds() + delay, serial: this.#serial, call }
    this.#calls.push(entry)
    this.#calls.sort(compare)
    return {
      cancel: () => {
        this.#calls = this.#calls.filter((each) => each !== entry)
      },
      reset: (seconds) => {
        if (!this.#calls.includes(entry)) return
        entry.time = this.#seconds() + seconds
        this.#calls.sort(compare)
      },
    }
  }

  /** How long the loop may sleep, in seconds; Infinity if no call waits. */
  timeout(): number {
    const first = this.#calls[0]
    return first ? Math.max(0, first.time - this.#seconds()) : Number.POSITIVE_INFINITY
  }

  /** Makes all calls that are due. */
  runDue(): void {
    const now = this.#seconds()
    const last = this.#serial
    for (;;) {
      const first = this.#calls[0]
      if (!first || first.time > now || first.serial > last) return
      this.#calls.shift()
      first.call()
    }
  }
}

function compare(a: Entry, b: Entry): number {
  return a.time - b.time || a.serial - b.serial
}
