/**
 * Where everything lies in the table, the memory that all threads share with the kernel thread:
 *
 *     header       the doorbell, the event count of `poll`, whether the kernel has stopped
 *     groups       the upper level of the marks, one bit per word of the lower one; see doorbell.ts
 *     marks        the lower level, one bit per descriptor
 *     sockets      SOCKET_WORDS words per descriptor
 *
 * It is large enough for all descriptors that there may be: 128 bytes each, which is 8 MiB for 65,536.
 * Memory that is never touched costs nothing.
 */

/** Words of the header. `polls` is an event count: two words. */
export const HEADER = { limit: 0, stopped: 1, bell: 2, marked: 3, polls: 4, groups: 16 } as const

/**
 * Words of a socket. `ready` may be read by anybody at any time, `changes` is an event count; the
 * others belong to whoever holds `lock`. Times are in milliseconds, 0: without end.
 */
export const SOCKET = {
  lock: 0,
  /** What `poll` would report if it were asked for everything; OPEN if there is a socket at all. */
  ready: 1,
  changes: 2,
  /** Which of the sockets that have had this number; a thread that sleeps finds it changed. */
  generation: 4,
  flags: 5,
  /** The events of a socket that is no connection. */
  events: 6,
  /** The pending error, an errno, which the next call reports; 0 if there is none. */
  error: 7,
  receiveTimeout: 8,
  sendTimeout: 9,
  /** Two rings, see ring.ts. */
  receive: 10,
  send: 15,
} as const

export const SOCKET_WORDS = 32

/** Bits of `ready`, above the 16 of poll(2). */
export const OPEN = 0x10000
export const LISTENING = 0x20000

/** Bits of `flags`. */
export const FLAG = {
  nonblocking: 1,
  connected: 2,
  /** No more bytes come after those in the ring: after the peer's FIN, a reset, or SHUT_RD. */
  receiveEnded: 4,
  /** No more bytes may be sent: after SHUT_WR or a reset. */
  sendEnded: 8,
  /** The kernel holds bytes back, which did not fit into the receive ring. */
  more: 16,
} as const

export const TABLE = {
  groups: (words: Int32Array) => Math.ceil(words[HEADER.limit]! / 1024),
  /** The first word of the socket with this descriptor. */
  socket: (words: Int32Array, fd: number) =>
    HEADER.groups + 33 * TABLE.groups(words) + fd * SOCKET_WORDS,
}

/** @param limit descriptors are numbers below it */
export function createTable(limit: number): SharedArrayBuffer {
  const groups = Math.ceil(limit / 1024)
  const words = HEADER.groups + 33 * groups + limit * SOCKET_WORDS
  const memory = new SharedArrayBuffer(4 * words)
  new Int32Array(memory)[HEADER.limit] = limit
  return memory
}
