/** Connections to a data base, which green threads borrow: a kill loses none of them. */
import { Event, type Green } from '#servers/07-green-threads/gevent.ts'

export interface Connection {
  close(): void
}

export class Connections<Each extends Connection> {
  readonly #open: () => Green<Each>
  /** Those that are open, and that nobody uses. */
  readonly #idle: Each[] = []
  readonly #limit: number
  /** Those that are used now. */
  #used = 0
  /** Set while there is a place. */
  readonly #places = new Event()

  /**
   * @param limit how many may be open at a time
   * @param open opens a connection, which takes a moment
   */
  constructor(limit: number, open: () => Green<Each>) {
    this.#limit = limit
    this.#places.set()
    this.#open = open
  }

  /** Runs `use` with a connection of its own. Waits if there are as many as there may be. */
  *borrow<Result>(use: (connection: Each) => Green<Result>): Green<Result> {
    while (this.#used >= this.#limit) yield* this.#places.wait()
    const connection = this.#idle.pop() ?? (yield* this.#open())
    this.#used += 1
    if (this.#used >= this.#limit) this.#places.clear()
    try {
      const result = yield* closedUnlessDone(connection, use)
      this.#idle.push(connection)
      return result
    } finally {
      this.#used -= 1
      this.#places.set()
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
