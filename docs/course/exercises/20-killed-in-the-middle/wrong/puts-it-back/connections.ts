/** Connections to a data base, which green threads borrow: a kill loses none of them. */
import { type Green, Semaphore } from '#servers/07-green-threads/gevent.ts'

export interface Connection {
  close(): void
}

export class Connections<Each extends Connection> {
  readonly #open: () => Green<Each>
  /** Those that are open, and that nobody uses. */
  readonly #idle: Each[] = []
  readonly #permits: Semaphore

  /**
   * @param limit how many may be open at a time
   * @param open opens a connection, which takes a moment
   */
  constructor(limit: number, open: () => Green<Each>) {
    this.#permits = new Semaphore(limit)
    this.#open = open
  }

  /** Runs `use` with a connection of its own. Waits if there are as many as there may be. */
  *borrow<Result>(use: (connection: Each) => Green<Result>): Green<Result> {
    yield* this.#permits.acquire()
    try {
      const connection = this.#idle.pop() ?? (yield* this.#open())
      try {
        return yield* use(connection)
      } finally {
        this.#idle.push(connection)
      }
    } finally {
      this.#permits.release()
    }
  }
}
