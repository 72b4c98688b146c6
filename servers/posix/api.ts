/**
 * A small synchronous socket layer: the system calls that a classic server is written with, under
 * their names in section 2 of the manual, on numeric file descriptors.
 *
 * An ordinary outcome is a value: `WOULD_BLOCK`, 0 for the end of a stream, null when no connection
 * waits to be accepted. A fault is thrown as a {@link SystemError} with the name of the call and of
 * the errno. A call that a signal interrupts (EINTR) goes on: poll with the time that is left, a
 * call that SO_RCVTIMEO or SO_SNDTIMEO limits with its full time, but only once.
 *
 * Two backends implement these calls, in the same order: libc.ts makes the real system calls,
 * atomics/posix.ts asks a kernel thread that owns node:net.
 */
import { getSystemErrorMap } from 'node:util'
import type { MessagePort } from 'node:worker_threads'

export interface Posix {
  readonly backend: Backend

  /**
   * What another thread of this program passes to `openPosix` to use the same descriptors, as after
   * clone(2) with CLONE_FILES. Undefined if all threads share them anyway.
   */
  forThread(): KernelPort | undefined

  /** socket(2): a new TCP socket. */
  socket(family: Family, blocking: Blocking): number

  /** setsockopt(2). Times are in seconds, sizes in bytes, switches 0 or 1. */
  setsockopt(fd: number, option: SocketOption, value: number): void

  /** bind(2). Port 0 asks for any free one. */
  bind(fd: number, address: Address): void

  /** listen(2): up to `backlog` connections wait in the kernel until they are accepted. */
  listen(fd: number, backlog: number): void

  /**
   * accept(2): the next waiting connection, null if there is none (the listener is non-blocking, or
   * its SO_RCVTIMEO ran out). EINVAL once the listener has been shut down.
   */
  accept(fd: number, blocking: Blocking): Accepted | null

  /**
   * connect(2). True once connected, false when connecting goes on in the background: then wait for
   * POLLOUT and ask `socketError` how it ended.
   */
  connect(fd: number, address: Address): boolean

  /**
   * recv(2) into the caller's buffer: the number of bytes, 0 at the end of the stream,
   * `WOULD_BLOCK` if none have come (non-blocking, or SO_RCVTIMEO ran out).
   */
  recv(fd: number, buffer: Uint8Array): number

  /**
   * send(2) with MSG_NOSIGNAL: how many of the bytes the kernel took, which may be fewer than
   * given; `WOULD_BLOCK` if it took none (non-blocking, or SO_SNDTIMEO ran out).
   */
  send(fd: number, bytes: Uint8Array): number

  /** shutdown(2): SHUT_WR sends the FIN; SHUT_RDWR on a listener wakes threads that wait on it. */
  shutdown(fd: number, how: number): void

  /**
   * close(2). Bytes that were received but never read turn the FIN into a reset: see
   * docs/protocol.md.
   */
  close(fd: number): void

  /**
   * poll(2): waits until one of the first `count` entries of `set` is ready, for `timeout`
   * milliseconds (0: not at all, negative: for ever), and returns how many entries are ready. Entry
   * `i` is a `struct pollfd` as it lies in memory: `set[2 * i]` is the descriptor (skipped if
   * negative); `set[2 * i + 1]` has the events asked for in its lower 16 bits, and those that came
   * in its upper 16.
   */
  poll(set: Int32Array, count: number, timeout: number): number

  getsockname(fd: number): Address
  getpeername(fd: number): Address

  /** getsockopt(2) with SO_ERROR: returns and clears the socket's pending errno; 0 if none. */
  socketError(fd: number): number

  /** getaddrinfo(3): the addresses of a host name or a numeric address, best first. Blocks. */
  getaddrinfo(host: string): Omit<Address, 'port'>[]
}

export type Backend = 'libc' | 'atomics'

/**
 * What one program thread makes its calls through in the `atomics` backend. Pass it to a Worker in
 * `workerData`, with `port` in the transfer list.
 */
export interface KernelPort {
  readonly port: MessagePort
  /** The thread's own: its calls. */
  readonly page: SharedArrayBuffer
  /** Common to all threads: the sockets. */
  readonly table: SharedArrayBuffer
}

/**
 * Whether calls on a new descriptor wait. `nonblocking` is the flag SOCK_NONBLOCK of the man pages.
 */
export type Blocking = 'blocking' | 'nonblocking'

export type Family = 'IPv4' | 'IPv6'

export interface Address {
  readonly family: Family
  readonly address: string
  readonly port: number
}

export interface Accepted {
  readonly fd: number
  readonly peer: Address
}

/**
 * SO_LINGER: seconds; 0 makes `close` send a reset. SO_RCVTIMEO and SO_SNDTIMEO: seconds that a
 * blocking call waits; 0: for ever. TCP_NODELAY on a listener also holds for the connections that
 * it accepts.
 */
export type SocketOption =
  | 'SO_REUSEADDR'
  | 'SO_LINGER'
  | 'SO_RCVBUF'
  | 'SO_SNDBUF'
  | 'SO_RCVTIMEO'
  | 'SO_SNDTIMEO'
  | 'TCP_NODELAY'
  | 'IPV6_V6ONLY'

/** What `recv` and `send` return when they would have to wait: EAGAIN as a value. */
export const WOULD_BLOCK = -1

export const SHUT_RD = 0
export const SHUT_WR = 1
export const SHUT_RDWR = 2

/**
 * Events of poll(2) and of epoll(7), which use the same bits. The last three are reported even if
 * they were not asked for.
 */
export const POLLIN = 0x01
export const POLLPRI = 0x02
export const POLLOUT = 0x04
export const POLLERR = 0x08
export const POLLHUP = 0x10
export const POLLNVAL = 0x20

/** A system call that failed, such as `bind 127.0.0.1:80: EACCES, permission denied`. */
export class SystemError extends Error {
  /** The name of the call, such as `bind`. */
  readonly call: string
  /** The number, as the system gave it. */
  readonly errno: number
  /** Its name, such as `EACCES`. */
  readonly code: string

  constructor(call: string, errno: number, detail = '') {
    const [code, meaning] = describe(errno)
    super(`${call}${detail && ` ${detail}`}: ${code}, ${meaning}`)
    this.name = 'SystemError'
    this.call = call
    this.errno = errno
    this.code = code
  }
}

/** True if `error` is a failed system call, of one of these names if any are given. */
export function isSystemError(error: unknown, ...codes: string[]): error is SystemError {
  return error instanceof SystemError && (codes.length === 0 || codes.includes(error.code))
}

/** The errnos with which accept(2) says that descriptors or memory have run out, for now. */
export const EXHAUSTED = ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']

/** `127.0.0.1:8881`, `[::1]:8881`. */
export function formatAddress({ family, address, port }: Address): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
}

/** Node makes a new map at each call, which costs more than all the rest of an error. */
const MEANINGS = getSystemErrorMap()

function describe(errno: number): [string, string] {
  return MEANINGS.get(-errno) ?? [`errno ${errno}`, 'unknown error']
}
