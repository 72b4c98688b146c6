/**
 * A mutex in one word of shared memory, which both sides of a socket hold while they change it, as
 * Linux holds its socket lock. It is the second of Ulrich Drepper, "Futexes Are Tricky", 2011: a lock
 * that nobody else wants is taken and given back by one instruction each, without a system call.
 *
 * Whoever holds it copies some bytes, waits for nothing, and gives it back.
 */

/** `contended`: it is held, and a thread may sleep until it is given back. */
const STATE = { free: 0, held: 1, contended: 2 } as const

export function lock(words: Int32Array, at: number): void {
  if (Atomics.compareExchange(words, at, STATE.free, STATE.held) === STATE.free) return
  // A thread that has slept can't know whether others still do: it takes the lock as contended.
  while (Atomics.exchange(words, at, STATE.contended) !== STATE.free) {
    Atomics.wait(words, at, STATE.contended)
  }
}

export function unlock(words: Int32Array, at: number): void {
  if (Atomics.exchange(words, at, STATE.free) === STATE.contended) Atomics.notify(words, at, 1)
}
