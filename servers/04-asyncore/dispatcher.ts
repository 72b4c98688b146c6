/**
 * The dispatcher of asyncore: an object for a socket, with methods that the loop calls. A subclass
 * overrides the `handle…` methods of the events that it handles, and `readable` and `writable` to
 * say which events it waits for. Names, defaults and the order of the calls are those of Python's
 * asyncore ("the original" below), in camelCase:
 *
 *     listening   handleAccept → handleAccepted   for each connection that waits
 *     connecting  handleConnect                   with the first event, before that event itself
 *     connected   (handleRead | handleWrite | handleExpt)* → handleClose
 *     any         a throw → handleError → handleClose
 *
 * Where it differs from the original, and why:
 * - A socket is a descriptor of the socket layer, made non-blocking where it is opened: there is no
 *   socket object to wrap, and none whose methods the dispatcher could pass on.
 * - `handleError` and `handleClose` are given the error. Python's find it in `sys.exc_info()`, which
 *   JavaScript doesn't have, and a handler wants to know whether the peer has ended its stream or the
 *   connection was lost.
 * - `recv` returns a view of the one receive buffer, valid until the next `recv`, instead of fresh
 *   bytes; and it returns no bytes where it would have to wait, where the original throws.
 * - A close in `handleConnect` holds, and the handler may connect again at once. The original then
 *   calls the dispatcher connected.
 * - `ended` is new: the peer's FIN has been read, and the loop no longer asks for input.
 */
import { writeSync } from 'node:fs'
import { NOTHING } from '../bytes/bytes.ts'
import { ReceiveBuffer } from '../bytes/receive-buffer.ts'
import {
  type Accepted,
  type Address,
  type Family,
  isSystemError,
  SystemError,
  WOULD_BLOCK,
} from '../posix/api.ts'
import { DISCONNECTED, type SocketMap } from './loop.ts'

export class Dispatcher {
  readonly map: SocketMap
  /** The socket, -1 if there is none. */
  fd = -1
  connected = false
  accepting = false
  connecting = false
  /** The end of the peer's stream has been read. */
  ended = false
  /** The peer's address, or what the socket was bound to. It outlives `close`, for a last report. */
  addr: Address | null = null
  /** What `logInfo` keeps silent about: events that no subclass handles are warnings. */
  ignoreLogTypes = WARNINGS
  /**
   * How often it has been closed. Any handler may close, and may even connect again, to a socket
   * with the same number: code that goes on after a handler compares this count.
   */
  protected closes = 0

  /**
   * @param socket a connected, non-blocking socket, which the dispatcher now owns; none if
   *   `createSocket` is to make it. If the constructor throws, the socket is still the caller's.
   */
  constructor(map: SocketMap, socket?: number) {
    this.map = map
    if (socket === undefined) return
    this.addr = this.#peerOf(socket)
    this.connected = this.addr !== null
    this.fd = socket
    this.addChannel()
  }

  /** Puts the dispatcher into a map, its own unless told otherwise. */
  addChannel(map: SocketMap = this.map): void {
    map.add(this)
  }

  delChannel(map: SocketMap = this.map): void {
    map.delete(this)
  }

  /**
   * Asked before each wait. A dispatcher that leaves `writable` as it is never lets the loop sleep.
   */
  readable(): boolean {
    return true
  }

  writable(): boolean {
    return true
  }

  createSocket(family: Family = 'IPv4'): void {
    this.fd = this.map.posix.socket(family, 'nonblocking')
    this.addChannel()
  }

  /**
   * Lets the port be bound again at once after the last server on it has ended; see TIME_WAIT in
   * tcp(7).
   */
  setReuseAddr(): void {
    try {
      this.map.posix.setsockopt(this.fd, 'SO_REUSEADDR', 1)
    } catch (error) {
      // As in the original: this is a convenience, and `bind` fails if it was needed.
      if (!isSystemError(error)) throw error
    }
  }

  bind(address: Address): void {
    this.addr = address
    this.map.posix.bind(this.fd, address)
  }

  listen(backlog: number): void {
    this.accepting = true
    this.map.posix.listen(this.fd, backlog)
  }

  /** Throws if it fails at once. If it fails later, the loop calls `handleError`. */
  connect(address: Address): void {
    this.connected = false
    this.connecting = true
    const done = this.map.posix.connect(this.fd, address)
    this.addr = address
    if (done) this.handleConnectEvent()
  }

  /** The next waiting connection; null if there is none, or if it was lost while it waited. */
  accept(): Accepted | null {
    try {
      return this.map.posix.accept(this.fd, 'nonblocking')
    } catch (error) {
      if (isSystemError(error, 'ECONNABORTED', 'EAGAIN', 'EWOULDBLOCK')) return null
      throw error
    }
  }

  /**
   * The number of bytes that the kernel took: 0 if its buffer is full, and also if the connection
   * was lost; then `handleClose` has been called.
   */
  send(data: Uint8Array): number {
    try {
      const count = this.map.posix.send(this.fd, data)
      return count === WOULD_BLOCK ? 0 : count
    } catch (error) {
      if (!isSystemError(error, ...DISCONNECTED)) throw error
      this.handleClose(error)
      return 0
    }
  }

  /**
   * Up to `size` bytes, valid until the next `recv` of any channel. No bytes if none have come, and
   * also at the end of the stream or if the connection was lost; then `handleClose` has been called
   * before it returns.
   */
  recv(size: number): Uint8Array {
    const buffer = receiveBuffer(size)
    try {
      const count = this.map.posix.recv(this.fd, buffer.first(size))
      if (count > 0) return buffer.first(count)
      if (count === WOULD_BLOCK) return NOTHING
    } catch (error) {
      if (!isSystemError(error, ...DISCONNECTED)) throw error
      this.handleClose(error)
      return NOTHING
    }
    this.ended = true
    this.endOfStream()
    return NOTHING
  }

  /**
   * Takes it out of the map and closes the descriptor, in any state. A second call does nothing.
   * Nothing of the connection is left: the dispatcher may connect again.
   */
  close(): void {
    this.closes += 1
    this.connected = false
    this.accepting = false
    this.connecting = false
    this.ended = false
    this.delChannel()
    const { fd } = this
    this.fd = -1
    if (fd < 0) return
    try {
      this.map.posix.close(fd)
    } catch (error) {
      if (!isSystemError(error, 'ENOTCONN', 'EBADF')) throw error
    }
  }

  // #region events
  /** The loop calls this for POLLIN. */
  handleReadEvent(): void {
    const { closes } = this
    if (this.connecting) this.handleConnectEvent()
    // If `handleConnect` has closed, the event isn't for the socket that it may have opened then.
    if (closes !== this.closes) return
    if (this.accepting) this.handleAccept()
    else this.handleRead()
  }

  /** The loop calls this for POLLOUT. */
  handleWriteEvent(): void {
    if (this.accepting) return
    const { closes } = this
    if (this.connecting) this.handleConnectEvent()
    if (closes === this.closes) this.handleWrite()
  }
  // #endregion events

  /** The first event of a socket that connects: SO_ERROR says whether it did, connect(2). */
  handleConnectEvent(): void {
    const errno = this.map.posix.socketError(this.fd)
    if (errno !== 0) throw new SystemError('connect', errno)
    const { closes } = this
    this.handleConnect()
    if (closes !== this.closes) return
    this.connected = true
    this.connecting = false
  }

  /** The loop calls this for POLLPRI: an error that is pending, or urgent data. */
  handleExptEvent(): void {
    const errno = this.map.posix.socketError(this.fd)
    if (errno === 0) this.handleExpt()
    else this.handleClose(new SystemError('poll', errno))
  }

  /** A handler has thrown. */
  handleError(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.logInfo(`uncaptured exception, closing channel ${this.fd}: ${text}`, 'error')
    this.handleClose(error)
  }

  /** @param error the reason, unless the peer has ended its stream */
  handleClose(error?: unknown): void {
    const reason = error instanceof Error ? `: ${error.message}` : ''
    this.logInfo(`unhandled close event${reason}`, 'warning')
    this.close()
  }

  handleRead(): void {
    this.logInfo('unhandled read event', 'warning')
  }

  handleWrite(): void {
    this.logInfo('unhandled write event', 'warning')
  }

  handleExpt(): void {
    this.logInfo('unhandled incoming priority event', 'warning')
  }

  handleConnect(): void {
    this.logInfo('unhandled connect event', 'warning')
  }

  handleAccept(): void {
    const accepted = this.accept()
    if (accepted) this.handleAccepted(accepted.fd, accepted.peer)
  }

  /** @param socket a new connection, which the handler now owns */
  handleAccepted(socket: number, _addr: Address): void {
    this.map.posix.close(socket)
    this.logInfo('unhandled accepted event', 'warning')
  }

  log(message: string): void {
    // console.log needs the thread's event loop, to which a thread that blocks never returns.
    writeSync(2, `log: ${message}\n`)
  }

  logInfo(message: string, type = 'info'): void {
    if (!this.ignoreLogTypes.has(type)) writeSync(2, `${type}: ${message}\n`)
  }

  /**
   * `recv` has met the end of the stream. A channel with a buffer for output empties that first.
   */
  protected endOfStream(): void {
    this.handleClose()
  }

  /** Null if the connection is lost already: its first event will say so. */
  #peerOf(socket: number): Address | null {
    try {
      return this.map.posix.getpeername(socket)
    } catch (error) {
      if (isSystemError(error, 'ENOTCONN', 'EINVAL')) return null
      throw error
    }
  }
}

const WARNINGS: ReadonlySet<string> = new Set(['warning'])

/** One for all: a loop reads from one socket at a time. */
let shared = new ReceiveBuffer(65536)

function receiveBuffer(size: number): ReceiveBuffer {
  if (size > shared.bytes.length) shared = new ReceiveBuffer(size)
  return shared
}
