/** A hub that is told by each `yield` what its green thread waits for. */

/** What a green thread waits for: a time, or the end of another one. */
type Wait = { readonly until: number } | { readonly end: Greenlet }

/** What a function that may wait returns: call it with `yield*`. */
export type Green<Result> = Generator<Wait, Result>

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
  isDone = false
  readonly frame: Green<void>
  /** What it waits for; undefined before it has begun. */
  wait: Wait | undefined

  constructor(body: () => Green<void>) {
    this.frame = body()
  }

  /** Waits for the end of this green thread. */
  *join(): Green<void> {
    if (!this.isDone) yield { end: this }
  }
}

export class Hub {
  readonly #clock: Clock
  /** All that have not ended. */
  #greenlets: Greenlet[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Starts a green thread soon: who calls this goes on first. */
  spawn(body: () => Green<void>): Greenlet {
    const greenlet = new Greenlet(body)
    this.#greenlets.push(greenlet)
    return greenlet
  }

  /** Waits this time, in seconds; 0 lets the others run that can. */
  *sleep(seconds: number): Green<void> {
    yield { until: this.#clock.seconds() + seconds }
  }

  /** Runs all green threads until none can go on any more. */
  run(): void {
    for (;;) {
      const now = this.#clock.seconds()
      const ready = this.#greenlets.filter(({ wait }) => isOver(wait, now)).sort(compare)
      for (const greenlet of ready) step(greenlet)
      this.#greenlets = this.#greenlets.filter(({ isDone }) => !isDone)
      const times = this.#greenlets.map(({ wait }) => (wait && 'until' in wait ? wait.until : now))
      if (ready.length > 0) continue
      const first = Math.min(...times.filter((time) => time > now))
      if (first === Number.POSITIVE_INFINITY) return
      this.#clock.block(first - now)
    }
  }
}

function isOver(wait: Wait | undefined, now: number): boolean {
  if (!wait) return true
  return 'until' in wait ? wait.until <= now : wait.end.isDone
}

/** Those whose time has come before others go on before them. */
function compare(a: Greenlet, b: Greenlet): number {
  const time = ({ wait }: Greenlet) => (wait && 'until' in wait ? wait.until : 0)
  return time(a) - time(b)
}

function step(greenlet: Greenlet): void {
  try {
    const { done, value } = greenlet.frame.next()
    if (!done) greenlet.wait = value
    greenlet.isDone = done === true
  } catch (error) {
    greenlet.error = error
    greenlet.isDone = true
  }
}
