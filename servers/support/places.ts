/** The places of a server, `--max-connections` of them, over all of its processes. */
export interface Places {
  /** Calls `turn` once a place is free for it: at once, or when its turn comes. */
  take(turn: () => void): void

  /** A waiting client has left: takes it out of the queue. */
  withdraw(turn: () => void): void

  /** A client that had a place has left. */
  giveBack(): void
}

/** The places of a server that is one process. */
export class LocalPlaces implements Places {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(count: number) {
    this.#free = count
  }

  take(turn: () => void): void {
    if (this.#free > 0) {
      this.#free -= 1
      turn()
    } else {
      this.#waiting.add(turn)
    }
  }

  withdraw(turn: () => void): void {
    this.#waiting.delete(turn)
  }

  giveBack(): void {
    this.#free += 1
    const [next] = this.#waiting
    if (!next) return
    this.#waiting.delete(next)
    this.take(next)
  }
}
