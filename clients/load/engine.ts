/**
 * What moves the load generator's bytes. There are two: load-epoll.ts makes the system calls
 * itself, load-node.ts stands on node:net. All counting and checking is above them, in
 * load-link.ts.
 */
import type { ErrorKind } from './result.ts'

export interface Engine {
  /** Starts a connection for `party`, which is told how it went: `opened` or `lost`. */
  connect(party: Party): void

  /**
   * Delivers events to the parties until `done()`, which is asked after each of them or a few, or
   * until the time `until` (of `performance.now()`). Gives Node's event loop a turn, too, so that
   * signals are heard.
   */
  run(until: number, done: () => boolean): Promise<void>

  /** Releases what the engine itself holds, after all connections have been closed. */
  close(): void
}

/** Whoever has a connection: `attach → opened → (received | writable)* → lost`. */
export interface Party {
  readonly state: 'connecting' | 'open' | 'closed'
  /** False for one that never reads: then `received` is never called. */
  readonly reads: boolean
  /** Its connection, from its start on, so that it can be closed before it is open. */
  attach(wire: Wire): void
  opened(): void
  /** The first `length` bytes of `chunk` have come; it is overwritten afterwards. */
  received(chunk: Buffer, length: number): void
  /** The kernel takes bytes again. Returns whether some are still left. */
  writable(): boolean
  /** It failed, or the server ended it. */
  lost(kind: ErrorKind): void
}

/** A party's way out: its connection. */
export interface Wire {
  /**
   * Sends, and returns how many of the bytes were taken: for the rest, wait until the party is told
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
