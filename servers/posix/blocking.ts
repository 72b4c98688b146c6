/** For threads that wait inside their calls: the models blocking-serial and threads. */
import { type Accepted, EXHAUSTED, isSystemError, type Posix, SHUT_WR, WOULD_BLOCK } from './api.ts'
import { ACCEPT_REST } from './listen.ts'

/** Waits for the next connection. Null once the listener has been shut down. */
export function acceptNext(posix: Posix, listener: number): Accepted | null {
  for (;;) {
    try {
      return posix.accept(listener, 'blocking')
    } catch (error) {
      if (isSystemError(error, 'EINVAL')) return null
      if (!isSystemError(error, ...EXHAUSTED)) throw error
      // Out of descriptors: rest, then try again. A poll of no descriptors is the old way to sleep.
      posix.poll(new Int32Array(0), 0, ACCEPT_REST)
    }
  }
}

// #region sendAll
/**
 * Sends all of `bytes`, waiting for room as often as needed: a blocking send, too, may take less
 * than it is given. Returns false if SO_SNDTIMEO passed without a byte being taken.
 */
export function sendAll(posix: Posix, fd: number, bytes: Uint8Array): boolean {
  let sent = 0
  while (sent < bytes.length) {
    const count = posix.send(fd, bytes.subarray(sent))
    if (count === WOULD_BLOCK) return false
    sent += count
  }
  return true
}
// #endregion sendAll

/**
 * How often a thread that is blocked on a silent peer checks whether it is closing time, in
 * milliseconds: nothing can tell the thread while it is blocked. Python's socketserver: 500.
 */
const LOOK_UP = 200

/**
 * Prepares `fd` for `recvPatiently`, and for sends that give up after `patience` milliseconds
 * (Infinity: never).
 */
export function setPatience(posix: Posix, fd: number, patience: number): void {
  posix.setsockopt(fd, 'SO_RCVTIMEO', Math.min(patience, LOOK_UP) / 1000)
  const isEndless = patience === Number.POSITIVE_INFINITY
  posix.setsockopt(fd, 'SO_SNDTIMEO', isEndless ? 0 : patience / 1000)
}

// #region recvPatiently
/**
 * A recv that waits for up to `patience` milliseconds, or until `closing` is true; then it returns
 * WOULD_BLOCK.
 */
export function recvPatiently(
  posix: Posix,
  fd: number,
  buffer: Uint8Array,
  patience: number,
  supervisor: { readonly closing: boolean },
): number {
  for (let waited = 0; waited < patience && !supervisor.closing; waited += LOOK_UP) {
    const count = posix.recv(fd, buffer)
    if (count !== WOULD_BLOCK) return count
  }
  return WOULD_BLOCK
}
// #endregion recvPatiently

/**
 * Sends our FIN and throws away what still comes, until the peer's FIN comes or `patience`
 * milliseconds have passed.
 */
export function linger(posix: Posix, fd: number, patience: number, buffer: Uint8Array): void {
  posix.shutdown(fd, SHUT_WR)
  posix.setsockopt(fd, 'SO_RCVTIMEO', patience / 1000)
  const deadline = performance.now() + patience
  while (posix.recv(fd, buffer) > 0 && performance.now() < deadline);
}
