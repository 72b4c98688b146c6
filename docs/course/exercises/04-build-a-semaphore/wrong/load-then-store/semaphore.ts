/** A word of memory that all threads share. Each `yield*` is one step: others may run before it. */
export interface Words {
  load(at: number): Step<number>
  store(at: number, value: number): Step<void>
  /** Adds, and returns what was there before. */
  add(at: number, value: number): Step<number>
  sub(at: number, value: number): Step<number>
  /** Puts `value` there if `expected` is there. Returns what was there before. */
  compareExchange(at: number, expected: number, value: number): Step<number>
  /** Sleeps until it is notified; not at all if something else than `expected` is there. */
  wait(at: number, expected: number): Step<void>
  /** Wakes so many of those that sleep there. */
  notify(at: number, count: number): Step<void>
}
export type Step<Result> = Generator<unknown, Result, never>

/** Takes one, or sleeps until there is one. */
export function* acquire(words: Words, at: number): Step<void> {
  for (;;) {
    const count = yield* words.load(at)
    if (count === 0) yield* words.wait(at, 0)
    else return yield* words.store(at, count - 1)
  }
}

/** Adds one, and wakes one thread that sleeps. */
export function* release(words: Words, at: number): Step<void> {
  yield* words.add(at, 1)
  yield* words.notify(at, 1)
}
