/** A hub: green threads take turns, and the real one sleeps only if all of them wait. */

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
  /** What it has thrown, if it has. */
  error: unknown
  readonly #hub: Hub
  readonly #frame: Green<void>
  #isDone = false
  #joiners: Greenlet[] = []

  constructor(hub: Hub, body: () => Green<void>) {
    this.#hub = hub
    this.#frame = body()
  }

  /** Waits for the end of this green thread. */
  *join(): Green<void> {
    if (this.#isDone) return
    this.#joiners.push(this.#hub.current!)
    yield
  }

  /** Runs it until its next wait. Only the hub calls this. */
  switch(): void {
    try {
      if (!this.#frame.next().done) return
    } catch (error) {
      this.error = error
    }
    this.#isDone = true
    for (const joiner of this.#joiners) this.#hub.wake(joiner)
  }
}

interface Sleeper {
  readonly time: number
  readonly greenlet: Greenlet
}

export class Hub {
  /** The green thread that runs. */
  current: Greenlet | undefined
  readonly #clock: Clock
  #ready: Greenlet[] = []
  /** The one that wakes first comes first. */
  readonly #sleepers: Sleeper[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Starts a green thread soon: who calls this goes on first. */
  spawn(body: () => Green<void>): Greenlet {
    const greenlet = new Greenlet(this, body)
    this.wake(greenlet)
    return greenlet
  }

  /** It goes on in the next turn. */
  wake(greenlet: Greenlet): void {
    this.#ready.push(greenlet)
  }

  /** Waits this time, in seconds; 0 lets the others run that can. */
  *sleep(seconds: number): Green<void> {
    if (seconds === 0) {
      this.wake(this.current!)
      yield
      return
    }
    this.#sleepers.push({ time: this.#clock.seconds() + seconds, greenlet: this.current! })
    // A sort keeps the order of those that wake at the same time.
    this.#sleepers.sort((a, b) => a.time - b.time)
    yield
  }

  /** Runs all green threads until none can go on any more. */
  run(): void {
    for (;;) {
      // The clock is of interest only if nobody can go on.
      while (this.#ready.length > 0) this.#turn()
      const first = this.#sleepers[0]
      if (!first) return
      this.#clock.block(Math.max(0, first.time - this.#clock.seconds()))
      this.#wakeSleepers()
    }
  }

  #wakeSleepers(): void {
    const now = this.#clock.seconds()
    while (this.#sleepers[0] && this.#sleepers[0].time <= now)
      this.wake(this.#sleepers.shift()!.greenlet)
  }

  /** Each that is ready now goes on once. Who becomes ready meanwhile has the next turn. */
  #turn(): void {
    const ready = this.#ready
    this.#ready = []
    for (const greenlet of ready) {
      this.current = greenlet
      greenlet.switch()
    }
    this.current = undefined
  }
}
