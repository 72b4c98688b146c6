/**
 * An event count: how a program thread sleeps until something in shared memory changes, and misses
 * no change. It is two words: the number of changes so far, and the number of threads that sleep or
 * are about to. (David Reed and Rajendra Kanodia, "Synchronization with Eventcounts and Sequencers",
 * 1979.)
 *
 *     the sleeper                                the waker
 *     1 announce: sleepers + 1                   1 make the change
 *     2 note the number of changes               2 add 1 to the number of changes
 *     3 look: return if there is what it needs   3 if there are sleepers: notify them
 *     4 sleep, unless the number has changed
 *
 * Why no wake-up is lost: if the waker's step 2 comes after the sleeper's, the waker's step 3 finds
 * the sleeper announced, and the notify ends its sleep, or the changed number prevents it. If it
 * comes before, the change was made even earlier, and the sleeper's step 3 sees it. A sleeper that
 * looked before it noted the number would sleep for ever in the gap between the two:
 * test/posix/wake-ups.test.ts forces every such schedule.
 *
 * The waker pays for the notify only if there are sleepers. Under load there are none.
 */

const SLEEPERS = 1

// #region announce
/** Announces a sleeper; returns the number of changes so far. */
export function announce(words: Int32Array, at: number): number {
  Atomics.add(words, at + SLEEPERS, 1)
  return Atomics.load(words, at)
}

/** Sleeps for up to `patience` ms, unless there was a change since the announcement. */
export function sleep(words: Int32Array, at: number, seen: number, patience: number): void {
  Atomics.wait(words, at, seen, patience)
}

// #endregion announce

/** The sleeper is awake again, or didn't have to sleep. */
export function withdraw(words: Int32Array, at: number): void {
  Atomics.sub(words, at + SLEEPERS, 1)
}

/** There is a change: all sleepers look again. */
export function raise(words: Int32Array, at: number): void {
  if (count(words, at)) wake(words, at)
}

/** The first half of `raise`: counts the change. Returns false if there is nobody to be woken. */
export function count(words: Int32Array, at: number): boolean {
  Atomics.add(words, at, 1)
  return Atomics.load(words, at + SLEEPERS) !== 0
}

/** The second half, which may be put off: a thread that looks meanwhile sees the change. */
export function wake(words: Int32Array, at: number): void {
  Atomics.notify(words, at)
}
