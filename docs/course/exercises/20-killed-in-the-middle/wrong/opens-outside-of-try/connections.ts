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
    const connection = this.#idle.pop() ?? (yield* this.#open())
    // From here on there is something to give back, however this ends.
    try {
      const result = yield* closedUnlessDone(connection, use)
      this.#idle.push(connection)
      return result
    } finally {
      this.#permits.release()
    }
  }
}

/** A use that was broken off may have ended in a message: nobody else can have it then. */
function* closedUnlessDone<Each extends Connection, Result>(
  connection: Each,
  use: (connection: Each) => Green<Result>,
): Green<Result> {
  let isDone = false
  try {
    const result = yield* use(connection)
    isDone = true
    return result
  } finally {
    if (!isDone) connection.close()
  }
}
