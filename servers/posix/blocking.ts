/** What a thread needs that waits inside its calls: blocking-serial, and a thread per connection. */
import { type Accepted, EXHAUSTED, isSystemError, type Posix, SHUT_WR, WOULD_BLOCK } from './api.ts'
import { ACCEPT_REST } from './listen.ts'

/** Waits for the next client. Null once the listener has been shut down. */
export function acceptNext(posix: Posix, listener: number): Accepted | null {
  for (;;) {
    try {
      return posix.accept(listener, 'blocking')
    } catch (error) {
      if (isSystemError(error, 'EINVAL')) return null
      if (!isSystemError(error, ...EXHAUSTED)) throw error
      // Out of descriptors, for now. A poll of nothing is the old way to sleep.
      posix.poll(new Int32Array(0), 0, ACCEPT_REST)
    }
  }
}

/**
 * Sends all of `bytes`, waiting for room as often as needed: a blocking send, too, may take less than
 * it is given. Returns false if SO_SNDTIMEO passed without any being taken.
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

/** Lets no `recv` or `send` on `fd` wait longer than so many milliseconds; Infinity is for ever. */
export function setPatience(posix: Posix, fd: number, milliseconds: number): void {
  const seconds = milliseconds === Number.POSITIVE_INFINITY ? 0 : milliseconds / 1000
  posix.setsockopt(fd, 'SO_RCVTIMEO', seconds)
  posix.setsockopt(fd, 'SO_SNDTIMEO', seconds)
}

/** Sends our FIN and throws away what still comes, until the peer's FIN or `milliseconds` have passed. */
export function linger(posix: Posix, fd: number, milliseconds: number, buffer: Uint8Array): void {
  posix.shutdown(fd, SHUT_WR)
  setPatience(posix, fd, milliseconds)
  const deadline = performance.now() + milliseconds
  while (posix.recv(fd, buffer) > 0 && performance.now() < deadline);
}
