/**
 * The doorbell: how the kernel thread learns that a program thread has changed a socket. To ring it
 * costs as much as a round trip did, so it is rung once for many changes.
 *
 * A change is first marked, in a bitmap with one bit per descriptor; above it is one bit per word of
 * the bitmap, and above that one word that says whether there is any mark at all. Marks are set from
 * the bottom up and taken from the top down, so that none can get lost between the levels. To mark a
 * socket twice costs nothing, and there is no queue that could overflow.
 *
 * Then the doorbell, which has three states:
 *
 *     asleep     the kernel looks at no mark: the first one rings
 *     watching   the kernel looks by itself once in a while (see watch.ts): a thread rings only
 *                before it goes to sleep, for all that it has marked since the last time
 *     rung       the kernel looks as soon as it runs: nobody has to ring
 *
 * So bytes leave at once if the kernel sleeps or if the program goes to sleep, and with the kernel's
 * next look, a moment later, if the program goes on to compute. A program that sends to a hundred sockets and then polls
 * rings once. io_uring does the same: IORING_SQ_NEED_WAKEUP is `asleep`, and its sqpoll thread, which
 * watches for a while after each piece of work, is the kernel here.
 */
import { HEADER, TABLE } from './layout.ts'

const BELL = { asleep: 0, watching: 1, rung: 2 } as const

// The program's side. `message` reaches the kernel's event loop.

/** The socket has bytes to send, or room for bytes that the kernel holds back. */
export function mark(words: Int32Array, fd: number, message: () => void): void {
  const place = fd >>> 5
  const group = place >>> 5
  Atomics.or(words, HEADER.groups + TABLE.groups(words) + place, 1 << (fd & 31))
  Atomics.or(words, HEADER.groups + group, 1 << (place & 31))
  Atomics.store(words, HEADER.marked, 1)
  if (Atomics.load(words, HEADER.bell) === BELL.asleep) ringBell(words, message)
}

/** A thread that is about to sleep leaves no mark unseen. */
export function ringBeforeSleep(words: Int32Array, message: () => void): void {
  if (Atomics.load(words, HEADER.marked) !== 0) ringBell(words, message)
}

function ringBell(words: Int32Array, message: () => void): void {
  if (Atomics.exchange(words, HEADER.bell, BELL.rung) !== BELL.rung) message()
}

// The kernel's side.

/** From now on the kernel looks by itself. */
export function watch(words: Int32Array): void {
  Atomics.store(words, HEADER.bell, BELL.watching)
}

/**
 * The kernel wants to look no longer. Returns false if there is a mark again, perhaps from a thread
 * that still saw the kernel watching and did not ring: then it has to watch on.
 */
export function stopWatching(words: Int32Array): boolean {
  Atomics.store(words, HEADER.bell, BELL.asleep)
  return Atomics.load(words, HEADER.marked) === 0
}

/** Takes all marks, and appends their descriptors to `found`. */
export function takeMarks(words: Int32Array, found: number[]): void {
  if (Atomics.exchange(words, HEADER.marked, 0) === 0) return
  const groups = TABLE.groups(words)
  for (let i = 0; i < groups; i++) {
    if (Atomics.load(words, HEADER.groups + i) !== 0) takeGroup(words, groups, i, found)
  }
}

function takeGroup(words: Int32Array, groups: number, group: number, found: number[]): void {
  let places = Atomics.exchange(words, HEADER.groups + group, 0)
  for (; places !== 0; places &= places - 1) {
    const place = 32 * group + lowest(places)
    let marks = Atomics.exchange(words, HEADER.groups + groups + place, 0)
    for (; marks !== 0; marks &= marks - 1) found.push(32 * place + lowest(marks))
  }
}

/** The number of the lowest bit that is set. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
