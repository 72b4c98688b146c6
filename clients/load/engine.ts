/**
 * An engine moves the bytes of the load generator. There are two: epoll.ts makes the system calls
 * itself, node.ts uses node:net. Neither counts or checks anything: link.ts does that.
 */
import type { ErrorKind } from './result.ts'

export interface Engine {
  /** Starts a connection for `party`, and later calls its `opened` or `lost`. */
  connect(party: Party): void

  /**
   * Delivers events to the parties until `done()` is true, or until the time `until`, of
   * `performance.now()`; if this has passed, looks once at the sockets. `done` is asked after one
   * event or a few. Node's event loop gets a turn now and then, since it delivers the signals.
   */
  run(until: number, done: () => boolean): Promise<void>

  /** Releases the engine's own resources. All connections must have been closed before. */
  close(): void
}

/** The owner of a connection. Its calls: `attach → opened → (received | writable)* → lost`. */
export interface Party {
  readonly state: 'connecting' | 'open' | 'closed'
  /** False for a party that never reads: bytes stay in the kernel until the connection fails. */
  readonly reads: boolean
  /** Hands over the connection before it is open, so that the party can close it at any time. */
  attach(wire: Wire): void
  opened(): void
  /** The first `length` bytes of `chunk` have come. The engine overwrites `chunk` afterwards. */
  received(chunk: Buffer, length: number): void
  /** The kernel takes bytes again. Returns whether the party still has unsent bytes. */
  writable(): boolean
  /** The connection failed, or the server ended it. */
  lost(kind: ErrorKind): void
}

/** A connection, as its party sees it. */
export interface Wire {
  /**
   * Sends, and returns how many of the bytes were taken. The party sends the rest when its
   * `writable` is called. The caller may overwrite the bytes afterwards.
   */
  send(bytes: Buffer): number
  close(): void
}

/** The kind of error, as it is counted, for an errno's name. */
export function errorKind(code: string): ErrorKind {
  if (code === 'ECONNREFUSED') return 'refused'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'reset'
  return code === 'ETIMEDOUT' ? 'connect timeout' : code
}
