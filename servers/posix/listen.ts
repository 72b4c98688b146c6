import type { Address, Blocking, Posix } from './api.ts'

/**
 * How long accepting rests after descriptors have run out, in ms. nginx: 500; gevent: 10 to 1000.
 */
export const ACCEPT_REST = 100

/**
 * Connections accepted per wake-up, so that a burst of new ones can't starve those that are open.
 */
export const ACCEPT_BATCH = 64

/** socket, bind, listen: returns the descriptor of a new listening socket. */
export function listenTcp(
  posix: Posix,
  options: { address: Address; backlog: number },
  blocking: Blocking,
): number {
  const fd = posix.socket(options.address.family, blocking)
  try {
    // Without this option, the port of a server that was just stopped can't be bound:
    // TIME_WAIT, see tcp(7).
    posix.setsockopt(fd, 'SO_REUSEADDR', 1)
    // Accepted connections inherit it: a reply is sent at once, without waiting for an ACK (Nagle).
    posix.setsockopt(fd, 'TCP_NODELAY', 1)
    posix.bind(fd, options.address)
    posix.listen(fd, options.backlog)
    return fd
  } catch (error) {
    posix.close(fd)
    throw error
  }
}
