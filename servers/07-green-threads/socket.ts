/**
 * How does a call on a socket make one greenlet wait, and no other? The socket is one of Node's,
 * behind the calls of a blocking socket. Modelled on gevent.socket.
 */
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { localAddress, peerAddress } from '../node/addresses.ts'
import { closeSoon, needsOnlyClose } from '../node/closing.ts'
import { type Address, SHUT_RD, SHUT_RDWR, SHUT_WR, SystemError } from '../posix/api.ts'
import { AsyncResult } from './event.ts'
import { FileObject } from './file.ts'
import { DONE, type Green, Waiter } from './hub.ts'
import { Input } from './input.ts'
import { checkSeconds } from './numbers.ts'
import { Output } from './output.ts'
import { type Patience, Timeout, within } from './timeout.ts'

export { SHUT_RD, SHUT_RDWR, SHUT_WR } from '../posix/api.ts'

/** Where to connect to: a host and a port, as Python's pair, or what `getsockname` returns. */
export type Destination = readonly [host: string, port: number] | Omit<Address, 'family'>

const { EBADF, EINVAL, ENOTCONN, EPIPE } = constants.errno

/** Seconds in which the peer must take some of the unsent bytes, once the socket is closed. */
const CLOSE_PATIENCE = 10

/**
 * A TCP socket. One greenlet at a time may read from it. Several may send: the bytes of each call
 * stay together. Its life:
 *
 *     new → connecting → open → closed, or detached
 *
 * Where it differs: Node keeps and sends what the kernel does not take at once. So `sendall` waits
 * only above the high-water mark, and `shutdown` and `close` can be waited for. Up to 64 KiB are
 * read ahead. The time of `settimeout` runs from the last byte that moved, not from the call, and a
 * Timeout is thrown. `close` closes the files of `makefile` too; Python waits for their own `close`.
 */
export class GreenSocket {
  readonly #socket: Socket
  readonly #input: Input
  readonly #output: Output
  #timeout: number | null = null
  #state: 'new' | 'connecting' | 'open' | 'closed' | 'detached'
  /** What the greenlets in `connect` wait for. */
  #connected: AsyncResult<void> | undefined
  #files: FileObject[] = []

  /** @param socket one of Node's, if there is one already */
  constructor(socket = new Socket()) {
    this.#socket = socket
    this.#state = socket.pending && !socket.connecting ? 'new' : 'open'
    socket.allowHalfOpen = true
    this.#input = new Input(socket)
    this.#output = new Output(socket)
    socket.on('timeout', () => this.#expire())
    // A socket from a Listener comes paused, so that it isn't read before its turn.
    socket.resume()
  }

  /**
   * Connects; a second call waits for the first. Throws Node's error if nothing listens there, a
   * Timeout after that of the socket, and EBADF if another greenlet closes it. A failure closes it.
   */
  *connect(destination: Destination): Green<void> {
    if (this.closed) throw new SystemError('connect', EBADF)
    try {
      if (this.#state === 'new') this.#connected = this.#connect(destination)
      if (this.#state === 'connecting') yield* this.#connected!.get(this.#timeout)
    } catch (error) {
      this.abort()
      throw error
    }
  }

  #connect(destination: Destination): AsyncResult<void> {
    const [host, port] =
      'port' in destination ? [destination.address, destination.port] : destination
    const connected = new AsyncResult<void>()
    this.#socket.once('error', (error) => connected.setException(error))
    this.#socket.once('connect', () => {
      if (this.#state !== 'connecting') return
      this.#state = 'open'
      connected.set()
    })
    this.#socket.connect({ host, port, noDelay: true })
    this.#state = 'connecting'
    return connected
  }

  /**
   * Waits for up to `count` bytes, at least one; returns none at the end of the stream. Throws
   * Node's error if the connection fails.
   */
  recv(count: number): Green<Buffer> {
    this.#requireConnection('recv', ENOTCONN)
    if (this.#timeout !== null) this.#arm(this.#timeout)
    return this.#input.recv(count)
  }

  /**
   * Sends all of `bytes`, text as UTF-8; `yield*` what this returns to wait while more than the
   * high-water mark is unsent. Don't change the bytes before that. Throws if the connection fails.
   */
  sendall(bytes: Uint8Array | string): Green<void> {
    this.#requireConnection('send', EPIPE)
    if (this.#timeout !== null) this.#arm(this.#timeout)
    return this.#output.sendall(bytes)
  }

  /**
   * SHUT_RD: drops what comes from now on. SHUT_WR: sends the FIN after all that is unsent;
   * `yield*` what this returns to wait for that. SHUT_RDWR: both.
   */
  shutdown(how: number): Green<void> {
    if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR)
      throw new SystemError('shutdown', EINVAL)
    this.#requireConnection('shutdown', ENOTCONN)
    if (this.#timeout !== null) this.#arm(this.#timeout)
    if (how !== SHUT_WR) this.#input.shutdown()
    if (how === SHUT_RD) return DONE
    if (!needsOnlyClose(this.#socket)) return this.#output.end()
    this.#socket.destroy()
    return DONE
  }

  /**
   * Closes the socket after all that is unsent, also in its files; `yield*` what this returns to
   * wait for that. The rest is dropped if the peer takes nothing for ten seconds. Calls that wait,
   * and those that read or send from now on, throw EBADF.
   */
  close(): Green<void> {
    if (this.closed) return this.#gone()
    if (this.#state === 'new' || this.#state === 'connecting') return this.abort()
    this.#closeFiles()
    this.#leave('closed')
    closeSoon(this.#socket)
    if (!this.#socket.destroyed) {
      this.#socket.setTimeout(CLOSE_PATIENCE * 1000, () => this.#socket.destroy())
    }
    return this.#gone()
  }

  /** Closes the socket at once and drops what is unsent, much as SO_LINGER at 0 does in Python. */
  abort(): Green<void> {
    if (this.#state === 'detached') return DONE
    this.#leave('closed')
    this.#socket.destroy()
    return this.#gone()
  }

  /**
   * Gives Node's socket away, with what was read ahead. This green socket is closed by that: all
   * that waits for it ends with EBADF, and a `close` or an `abort` does nothing more.
   */
  detach(): Socket {
    this.#input.detach()
    this.#output.detach()
    this.#socket.setTimeout(0)
    this.#leave('detached')
    return this.#socket
  }

  /** True once `close`, `abort` or `detach` has been called. */
  get closed(): boolean {
    return this.#state === 'closed' || this.#state === 'detached'
  }

  /** The peer's address. Empty, with port 0, if Node's socket has been destroyed already. */
  getpeername(): Address {
    return peerAddress(this.#socket)
  }

  /** Our own address. Empty, with port 0, before the socket connects and when it is destroyed. */
  getsockname(): Address {
    return localAddress(this.#socket)
  }

  // #region settimeout
  /**
   * From now on a wait ends with a Timeout when no byte has come or gone for this time, in seconds.
   * Null or Infinity: never.
   */
  settimeout(seconds: number | null): void {
    if (seconds !== null) checkSeconds(seconds)
    if (seconds !== null && seconds <= 0) throw new RangeError(`a timeout of ${seconds} seconds`)
    this.#timeout = seconds === Number.POSITIVE_INFINITY ? null : seconds
    this.#socket.setTimeout(0)
  }
  // #endregion settimeout

  gettimeout(): number | null {
    return this.#timeout
  }

  /** The same connection, as a file that reads and writes lines. */
  makefile(): FileObject {
    const file = new FileObject(this, this)
    this.#files = [...this.#files.filter(({ closed }) => !closed), file]
    return file
  }

  /** Waits until `recv` would return at once; see wait.ts. */
  waitReadable(): Green<void> {
    this.#requireConnection('poll', ENOTCONN)
    return this.#input.waitReadable()
  }

  /** Waits until `sendall` would return at once; see wait.ts. */
  waitWritable(): Green<void> {
    this.#requireConnection('poll', ENOTCONN)
    return this.#output.waitWritable()
  }

  /** Node keeps the time. It also notices when the kernel takes a part of a single piece. */
  #arm(seconds: number): void {
    const isWaiting = this.#input.isWaiting || this.#output.isWaiting
    // A wait may have begun when there was no timeout yet.
    if (!isWaiting || !this.#socket.timeout) this.#socket.setTimeout(seconds * 1000)
  }

  #expire(): void {
    const timeout = new Timeout(this.#timeout)
    this.#input.interrupt(timeout)
    this.#output.interrupt(timeout)
  }

  /** Without this a `recv` would wait for ever. The errors are those that Linux gives. */
  #requireConnection(call: string, errno: number): void {
    if (this.#state === 'new') throw new SystemError(call, errno)
  }

  /** What a file keeps is owed, as what was sent. */
  #closeFiles(): void {
    for (const file of this.#files.splice(0)) {
      try {
        file.close()
      } catch {
        // The connection has failed: there is nobody to owe it to.
      }
    }
  }

  #leave(state: 'closed' | 'detached'): void {
    this.#state = state
    this.refuse(closedHere)
  }

  /** All waits on this socket end with the error `reason`, and so do all calls from now on. */
  protected refuse(reason: () => Error): void {
    if (this.#connected?.ready() === false) this.#connected.setException(reason())
    this.#input.close(reason)
    this.#output.close(reason)
  }

  *#gone(): Green<void> {
    if (this.#socket.closed || this.#state === 'detached') return
    const waiter = new Waiter<void>()
    this.#socket.once('close', () => waiter.switch())
    yield* waiter.get()
  }
}

function closedHere(): Error {
  return new SystemError('close', EBADF)
}

/** A new socket, connected. Throws a Timeout if connecting takes longer than `timeout`. */
export function* createConnection(
  destination: Destination,
  timeout?: Patience,
): Green<GreenSocket> {
  const socket = new GreenSocket()
  yield* within(timeout, () => socket.connect(destination))
  return socket
}
