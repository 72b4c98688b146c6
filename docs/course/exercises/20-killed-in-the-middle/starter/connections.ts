/** Connections to a data base, which green threads borrow: a kill loses one. */
import { type Green, GreenletExit, Semaphore, Timeout } from '#servers/07-green-threads/gevent.ts'

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
    const connection = this.#idle.pop() ?? (yield* this.#open())
    try {
      const result = yield* use(connection)
      this.#idle.push(connection)
      this.#permits.release()
      return result
    } catch (error) {
      // Nobody did anything wrong: this green thread was told to end, and ends.
      if (error instanceof GreenletExit || error instanceof Timeout) throw error
      connection.close()
      this.#permits.release()
      throw error
    }
  }
}
