/**
 * What moves the load generator's bytes. There are two: load-epoll.ts makes the system calls
 * itself, load-node.ts stands on node:net. All counting and checking is above them, in
 * load-link.ts.
 */
import type { Link } from './load-link.ts'

export interface Engine {
  /** Starts a connection for `link`, which is told how it went: `opened` or `lost`. */
  connect(link: Link): void

  /**
   * Delivers events to the links until `done()`, which is asked after each of them or a few, or
   * until the time `until` (of `performance.now()`). Gives Node's event loop a turn, too, so that
   * signals are heard.
   */
  run(until: number, done: () => boolean): Promise<void>

  /** Releases what the engine itself holds, after all links have been closed. */
  close(): void
}

/** A link's way out: its open connection. */
export interface Wire {
  /**
   * Sends, and returns how many of the bytes were taken: for the rest, wait until the link is told
   * `writable`. The bytes may be overwritten afterwards.
   */
  send(bytes: Buffer): number
  close(): void
}

/** What is counted for an errno's name; see ErrorKind. */
export function errorKind(code: string): string {
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  return code === 'ETIMEDOUT' ? 'connect timeout' : code
}

/** The errnos that say that this machine has run out: of descriptors, of local ports, of memory. */
export const RUN_OUT = ['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'EAGAIN', 'ENOBUFS', 'ENOMEM']
