/**
 * A connection inside the kernel: a Node socket between two queues, as a real kernel has them. The
 * host is the operating system below Node.
 *
 *     host ── 'data' ──▸ receive queue ── recv ──▸ program     full: the Node socket is paused
 *     host ◂── write ── send queue ◂───── send ── program     full: send would block
 *
 * The receive queue is ours, since Node delivers when Node wants to, and the program calls `recv`
 * when the program wants to. The send queue is the one that a Node socket has anyway: what the host
 * did not take at once.
 */
import type { Socket as NodeSocket } from 'node:net'
import { ByteQueue } from '../../bytes/byte-queue.ts'
import {
  type Address,
  POLLHUP,
  POLLIN,
  POLLOUT,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  type SocketOption,
} from '../api.ts'
import { toAddress } from './address.ts'
import { errno, Fault } from './page.ts'

/** The socket that a stream belongs to: keeps the options and the error, and wakes the waiters. */
export interface Owner {
  readonly options: Record<SocketOption, number>
  connected(): void
  failed(errno: number): void
  takeError(): number
  wake(): void
}

export class Stream {
  readonly #node: NodeSocket
  readonly #owner: Owner
  readonly #received = new ByteQueue()
  /** No more bytes come: after the peer's FIN, a reset, or SHUT_RD. */
  #receiveEnded = false
  /** No more bytes may be sent: after SHUT_WR or a reset. */
  #sendEnded = false
  /** The send queue has been full, and a caller may wait for room. */
  #full = false
  /** Both addresses are known once connected, and still when the Node socket has forgotten them. */
  local: Address | undefined
  peer: Address | undefined

  constructor(node: NodeSocket, owner: Owner) {
    this.#node = node
    this.#owner = owner
    this.#learnAddresses()
    node.on('connect', () => {
      this.#learnAddresses()
      owner.connected()
    })
    node.on('data', (bytes) => this.#onData(bytes))
    node.on('end', () => this.#end('receive'))
    node.on('close', () => this.#end('both'))
    node.on('error', (error: NodeJS.ErrnoException) => {
      this.#end('both')
      owner.failed(-(error.errno ?? -errno('EIO')))
    })
  }

  /** The number of bytes, 0 at the end of the stream, null if the caller has to wait for some. */
  recv(into: Uint8Array): number | null {
    const bytes = this.#received.peek()
    if (bytes.length === 0) {
      this.#throwError()
      return this.#receiveEnded ? 0 : null
    }
    const count = Math.min(bytes.length, into.length)
    into.set(bytes.subarray(0, count))
    this.#received.drop(count)
    if (this.#node.isPaused() && !this.#isFull) this.#node.resume()
    return count
  }

  /** How many bytes fitted into the send queue, null if the caller has to wait for room. */
  send(bytes: Uint8Array): number | null {
    this.#throwError()
    if (this.#sendEnded) throw new Fault('EPIPE')
    if (bytes.length === 0) return 0
    this.#full = this.#room <= 0
    if (this.#full) return null
    // A copy: when the host takes these bytes, the caller's page may already hold its next call.
    const chunk = Buffer.from(bytes.subarray(0, this.#room))
    this.#node.write(chunk, this.#onWritten)
    this.#full = this.#room <= 0
    return chunk.length
  }

  shutdown(how: number): void {
    if (how === SHUT_RD || how === SHUT_RDWR) this.#end('receive')
    if (how === SHUT_WR || how === SHUT_RDWR) {
      this.#node.end()
      this.#end('send')
    }
  }

  /**
   * Sends what is in the send queue, then the FIN. Sends a reset instead if one is asked for, or if
   * the program has not read all that the peer sent: see tcp(7) and RFC 2525, 2.17.
   */
  close(reset: boolean): void {
    const unread = this.#received.length + this.#node.readableLength > 0
    if (this.#node.connecting) this.#node.destroy()
    else if (reset || unread) this.#node.resetAndDestroy()
    else this.#node.pause().destroySoon()
    this.#received.clear()
  }

  setNoDelay(on: boolean): void {
    this.#node.setNoDelay(on)
  }

  /** The events of poll(2), as Linux has them. */
  get events(): number {
    const input = this.#received.length > 0 || this.#receiveEnded ? POLLIN : 0
    const output = this.#room > 0 || this.#sendEnded ? POLLOUT : 0
    return input | output | (this.#receiveEnded && this.#sendEnded ? POLLHUP : 0)
  }

  get #isFull(): boolean {
    return this.#received.length >= this.#owner.options.SO_RCVBUF
  }

  get #room(): number {
    return this.#owner.options.SO_SNDBUF - this.#node.writableLength
  }

  #onData(bytes: Uint8Array): void {
    this.#received.push(bytes)
    if (this.#isFull) this.#node.pause()
    this.#owner.wake()
  }

  /** Most writes end at once and change nothing: they must not wake the waiters. */
  readonly #onWritten = () => {
    if (!this.#full || this.#room <= 0) return
    this.#full = false
    this.#owner.wake()
  }

  #end(side: 'receive' | 'send' | 'both'): void {
    if (side !== 'send') this.#receiveEnded = true
    if (side !== 'receive') this.#sendEnded = true
    this.#owner.wake()
  }

  /** An error is reported once, by the next call. */
  #throwError(): void {
    const error = this.#owner.takeError()
    if (error !== 0) throw new Fault(error)
  }

  #learnAddresses(): void {
    this.local = toAddress(this.#node.localAddress, this.#node.localPort)
    this.peer = toAddress(this.#node.remoteAddress, this.#node.remotePort)
  }
}
