/** A hub that runs green threads one after the other: a sleep holds up all others. */

/** What a function that may wait returns: call it with `yield*`. */
export type Green<Result> = Generator<undefined, Result>

/** The clock of the hub. In the tests it is one that goes only when somebody waits. */
export interface Clock {
  /** The time, in seconds. */
  seconds(): number
  /** Blocks the real thread for this time, in seconds: nothing else can run meanwhile. */
  block(seconds: number): void
}

/** A green thread. */
export class Greenlet {
  readonly body: () => Green<void>
  /** What it has thrown, if it has. */
  error: unknown

  constructor(body: () => Green<void>) {
    this.body = body
  }

  /** Waits for the end of this green thread. */
  *join(): Green<void> {
    yield
  }
}

export class Hub {
  readonly #clock: Clock
  readonly #ready: Greenlet[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Starts a green thread soon: who calls this goes on first. */
  spawn(body: () => Green<void>): Greenlet {
    const greenlet = new Greenlet(body)
    this.#ready.push(greenlet)
    return greenlet
  }

  /** Waits this time, in seconds; 0 lets the others run that can. */
  *sleep(seconds: number): Green<void> {
    this.#clock.block(seconds)
    yield
  }

  /** Runs all green threads until none can go on any more. */
  run(): void {
    for (let next = this.#ready.shift(); next; next = this.#ready.shift()) {
      const frame = next.body()
      while (!frame.next().done);
    }
  }
}
