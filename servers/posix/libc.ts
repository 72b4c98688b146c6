/**
 * Backend `libc`: the system calls themselves, called in the C library through koffi. Linux, with
 * glibc or musl.
 *
 * koffi checks no bounds and pins no memory, so two rules hold throughout: a length is always taken
 * from the view it belongs to, and every call is synchronous (nothing can move or free a buffer
 * while its own thread is inside the call). `ssize_t` is declared as `long`, its type on Linux.
 */
import { constants } from 'node:os'
import koffi from 'koffi'
import {
  type Accepted,
  type Address,
  type Blocking,
  type Family,
  formatAddress,
  POLLIN,
  POLLOUT,
  type Posix,
  type SocketOption,
  SystemError,
  WOULD_BLOCK,
} from './api.ts'
import { AF_INET, AF_INET6, decodeSockaddr, encodeSockaddr, SOCKADDR_SIZE } from './sockaddr.ts'

// The program itself is linked with the C library, so no file name is needed.
const library = koffi.load(null)
const c = {
  socket: library.func('int socket(int domain, int type, int protocol)'),
  setsockopt: library.func('int setsockopt(int fd, int level, int name, void *value, uint size)'),
  getsockopt: library.func('int getsockopt(int fd, int level, int name, void *value, void *size)'),
  bind: library.func('int bind(int fd, void *address, uint size)'),
  listen: library.func('int listen(int fd, int backlog)'),
  accept4: library.func('int accept4(int fd, void *address, void *size, int flags)'),
  connect: library.func('int connect(int fd, void *address, uint size)'),
  recv: library.func('long recv(int fd, void *buffer, size_t size, int flags)'),
  send: library.func('long send(int fd, void *bytes, size_t size, int flags)'),
  shutdown: library.func('int shutdown(int fd, int how)'),
  close: library.func('int close(int fd)'),
  poll: library.func('int poll(void *set, ulong count, int timeout)'),
  getsockname: library.func('int getsockname(int fd, void *address, void *size)'),
  getpeername: library.func('int getpeername(int fd, void *address, void *size)'),
  getaddrinfo: library.func(
    'int getaddrinfo(const char *node, const char *service, void *hints, _Out_ void **list)',
  ),
  freeaddrinfo: library.func('void freeaddrinfo(void *list)'),
  _exit: library.func('void _exit(int status)'),
  gai_strerror: library.func('const char *gai_strerror(int code)'),
}

const { EAGAIN, EINPROGRESS, EINTR } = constants.errno
/** Errors of the waiting connection itself, which accept(2) reports; the next one may be fine. */
const LOST_IN_BACKLOG = new Set(
  (
    ['ECONNABORTED', 'ENETDOWN', 'EPROTO', 'ENOPROTOOPT', 'EHOSTUNREACH', 'ENETUNREACH'] as const
  ).map((code) => constants.errno[code]),
)

const SOCK_STREAM = 1
const SOCK_NONBLOCK = 0o4000
const SOCK_CLOEXEC = 0o2000000
const MSG_NOSIGNAL = 0x4000
const SOL_SOCKET = 1
const SO_ERROR = 4

/** Level, name, and the struct that carries the value. */
const OPTIONS: Record<
  SocketOption,
  [level: number, name: number, type: 'int' | 'linger' | 'time']
> = {
  SO_REUSEADDR: [SOL_SOCKET, 2, 'int'],
  SO_SNDBUF: [SOL_SOCKET, 7, 'int'],
  SO_RCVBUF: [SOL_SOCKET, 8, 'int'],
  SO_LINGER: [SOL_SOCKET, 13, 'linger'],
  SO_RCVTIMEO: [SOL_SOCKET, 20, 'time'],
  SO_SNDTIMEO: [SOL_SOCKET, 21, 'time'],
  TCP_NODELAY: [6, 1, 'int'],
  IPV6_V6ONLY: [41, 26, 'int'],
}

export class Libc implements Posix {
  readonly backend = 'libc'
  // accept, getsockname and getpeername write here; one thread makes one call at a time.
  readonly #sockaddr = new Uint8Array(SOCKADDR_SIZE)
  readonly #size = new Uint32Array(1)

  /** Undefined: descriptors belong to the process, so its threads share them. */
  forThread(): undefined {}

  socket(family: Family, blocking: Blocking): number {
    const domain = family === 'IPv4' ? AF_INET : AF_INET6
    return check('socket', c.socket(domain, SOCK_STREAM | SOCK_CLOEXEC | flag(blocking), 0))
  }

  setsockopt(fd: number, option: SocketOption, value: number): void {
    const [level, name, type] = OPTIONS[option]
    const bytes = encodeOption(type, value)
    check('setsockopt', c.setsockopt(fd, level, name, bytes, bytes.byteLength), option)
  }

  bind(fd: number, address: Address): void {
    const bytes = encodeSockaddr(address)
    check('bind', c.bind(fd, bytes, bytes.length), formatAddress(address))
  }

  listen(fd: number, backlog: number): void {
    check('listen', c.listen(fd, backlog))
  }

  accept(fd: number, blocking: Blocking): Accepted | null {
    for (;;) {
      this.#size[0] = SOCKADDR_SIZE
      const accepted = c.accept4(fd, this.#sockaddr, this.#size, SOCK_CLOEXEC | flag(blocking))
      if (accepted >= 0) return { fd: accepted, peer: decodeSockaddr(this.#sockaddr) }
      const errno = koffi.errno()
      if (errno === EAGAIN) return null
      if (errno !== EINTR && !LOST_IN_BACKLOG.has(errno)) throw new SystemError('accept', errno)
    }
  }

  connect(fd: number, address: Address): boolean {
    const bytes = encodeSockaddr(address)
    if (c.connect(fd, bytes, bytes.length) === 0) return true
    const errno = koffi.errno()
    // A connect that a signal interrupts goes on in the background, too: connect(2), EINTR.
    if (errno === EINPROGRESS || errno === EINTR) return false
    throw new SystemError('connect', errno, formatAddress(address))
  }

  recv(fd: number, buffer: Uint8Array): number {
    if (buffer.length === 0)
      throw new RangeError('recv into 0 bytes looks like the end of a stream')
    for (;;) {
      const count = c.recv(fd, buffer, buffer.length, 0)
      if (count >= 0) return count
      const errno = koffi.errno()
      if (errno === EAGAIN) return WOULD_BLOCK
      if (errno !== EINTR) throw new SystemError('recv', errno)
      if (!this.#hasTime(fd, 'SO_RCVTIMEO', POLLIN)) return WOULD_BLOCK
    }
  }

  send(fd: number, bytes: Uint8Array): number {
    for (;;) {
      const count = c.send(fd, bytes, bytes.length, MSG_NOSIGNAL)
      if (count >= 0) return count
      const errno = koffi.errno()
      if (errno === EAGAIN) return WOULD_BLOCK
      if (errno !== EINTR) throw new SystemError('send', errno)
      if (!this.#hasTime(fd, 'SO_SNDTIMEO', POLLOUT)) return WOULD_BLOCK
    }
  }

  /**
   * After a signal: waits until the call can go on, for the time that the option gives it; false if
   * that is over. Signals that come more often than this time must not make the wait endless.
   */
  #hasTime(fd: number, option: 'SO_RCVTIMEO' | 'SO_SNDTIMEO', events: number): boolean {
    const [level, name] = OPTIONS[option]
    const time = new BigInt64Array(2)
    this.#size[0] = time.byteLength
    check('getsockopt', c.getsockopt(fd, level, name, time, this.#size), option)
    const milliseconds = Number(time[0]) * 1000 + Math.ceil(Number(time[1]) / 1000)
    return milliseconds === 0 || this.poll(new Int32Array([fd, events]), 1, milliseconds) > 0
  }

  shutdown(fd: number, how: number): void {
    check('shutdown', c.shutdown(fd, how))
  }

  close(fd: number): void {
    // Not repeated after EINTR: on Linux the descriptor is free by then, and another thread may
    // have been given the same number.
    if (c.close(fd) < 0 && koffi.errno() !== EINTR) throw new SystemError('close', koffi.errno())
  }

  poll(set: Int32Array, count: number, timeout: number): number {
    if (count * 2 > set.length)
      throw new RangeError(`${count} entries in a set of ${set.length / 2}`)
    return waitThrough('poll', timeout, (left) => c.poll(set, count, left))
  }

  getsockname(fd: number): Address {
    this.#size[0] = SOCKADDR_SIZE
    check('getsockname', c.getsockname(fd, this.#sockaddr, this.#size))
    return decodeSockaddr(this.#sockaddr)
  }

  getpeername(fd: number): Address {
    this.#size[0] = SOCKADDR_SIZE
    check('getpeername', c.getpeername(fd, this.#sockaddr, this.#size))
    return decodeSockaddr(this.#sockaddr)
  }

  socketError(fd: number): number {
    const value = new Int32Array(1)
    this.#size[0] = value.byteLength
    check('getsockopt', c.getsockopt(fd, SOL_SOCKET, SO_ERROR, value, this.#size), 'SO_ERROR')
    return value[0]!
  }

  getaddrinfo(host: string): Omit<Address, 'port'>[] {
    // struct addrinfo { int flags, family, socktype, protocol; socklen_t addrlen; … }
    const hints = new Int32Array(12)
    hints[2] = SOCK_STREAM
    const list: [bigint | null] = [null]
    const code = c.getaddrinfo(host, null, hints, list)
    if (code !== 0) throw new Error(`getaddrinfo ${host}: ${c.gai_strerror(code)}`)
    const found = list[0]!
    try {
      return [...addresses(found)]
    } finally {
      c.freeaddrinfo(found)
    }
  }
}

/** _exit(2): ends the process at once, whatever its other threads are blocked in. */
export function exitNow(status: number): void {
  c._exit(status)
}

/**
 * Makes a call that waits. When a signal interrupts the call, makes it again with the time that is
 * left: poll(2) and epoll_wait(2) are never restarted by the system, see signal(7).
 *
 * @param timeout milliseconds; negative waits for ever
 */
export function waitThrough(name: string, timeout: number, call: (left: number) => number): number {
  const deadline = timeout > 0 ? performance.now() + timeout : 0
  let left = timeout
  for (;;) {
    const count = call(left)
    if (count >= 0) return count
    const errno = koffi.errno()
    if (errno !== EINTR) throw new SystemError(name, errno)
    if (timeout > 0) left = Math.max(0, Math.ceil(deadline - performance.now()))
  }
}

/** Returns the result of a call; throws a SystemError if the call has failed. */
export function check(name: string, result: number, detail?: string): number {
  if (result < 0) throw new SystemError(name, koffi.errno(), detail)
  return result
}

function flag(blocking: Blocking): number {
  return blocking === 'nonblocking' ? SOCK_NONBLOCK : 0
}

function encodeOption(type: 'int' | 'linger' | 'time', value: number): Int32Array | BigInt64Array {
  if (type === 'int') return Int32Array.of(value)
  if (type === 'linger') return Int32Array.of(1, value)
  const microseconds = BigInt(Math.round(value * 1e6))
  return BigInt64Array.of(microseconds / 1_000_000n, microseconds % 1_000_000n)
}

function* addresses(list: bigint): Generator<Omit<Address, 'port'>> {
  let entry: bigint | null = list
  while (entry) {
    // The struct ends with three pointers: addr, canonname, next.
    const size = koffi.decode(entry, 16, 'uint32_t')
    const sockaddr = koffi.decode(entry, 24, 'void *')
    const { family, address } = decodeSockaddr(new Uint8Array(koffi.view(sockaddr, size)))
    yield { family, address }
    entry = koffi.decode(entry, 40, 'void *')
  }
}
