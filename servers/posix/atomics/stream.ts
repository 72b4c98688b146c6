/**
 * A connection inside the kernel: a Node socket between two rings, which the program's threads see
 * too. The host is the operating system below Node.
 *
 *     host ── 'data' ──▸ receive ring ── recv ──▸ program      full: the Node socket is paused
 *     host ◂── write ─── send ring ◂──── send ── program       full: send would block
 *
 * Node delivers a chunk when Node wants to, and may deliver one more than fits: its rest is held
 * here. Bytes stay in the send ring until the host has taken them, so that SO_SNDBUF limits all that
 * wait.
 */
import type { Socket as NodeSocket } from 'node:net'
import { type Address, SHUT_RD, SHUT_RDWR, SHUT_WR } from '../api.ts'
import { toAddress } from './address.ts'
import type { KernelSocket } from './kernel-socket.ts'
import { FLAG } from './layout.ts'
import { errno } from './page.ts'

/** The socket that a stream belongs to. */
export interface Owner {
  connected(): void
  /** Connecting has failed. */
  failed(errno: number): void
}

const NONE = new Uint8Array(0)

/**
 * What the host is being given. Most writes end at once, and the next one may use the same memory;
 * if the host still has to take some, it keeps this one for so long.
 */
let outgoing: Buffer = Buffer.allocUnsafeSlow(65536)
const spare: Buffer[] = []

export class Stream {
  readonly #node: NodeSocket
  readonly #owner: Owner
  readonly #shared: KernelSocket
  /** Bytes that did not fit into the receive ring; while there are any, the Node socket is paused. */
  #held: Uint8Array = NONE
  /** Memory that the host still takes bytes from. */
  readonly #kept: Buffer[] = []
  /** How many bytes of the send ring the host is being given. */
  #writing = 0
  /** No more bytes come: after the peer's FIN, a reset, or SHUT_RD. */
  #receiveEnded = false
  /** No more bytes may be sent: after SHUT_WR or a reset. */
  #sendEnded = false
  /** The words that were shared may be another socket's by now. */
  #isClosed = false
  /** Both addresses are known once connected, and still when the Node socket has forgotten them. */
  local: Address | undefined
  peer: Address | undefined

  constructor(node: NodeSocket, owner: Owner, shared: KernelSocket) {
    this.#node = node
    this.#owner = owner
    this.#shared = shared
    this.#learnAddresses()
    node.on('connect', () => {
      this.#learnAddresses()
      owner.connected()
    })
    node.on('data', (bytes) => this.#onData(bytes))
    node.on('end', () => this.#end('receive'))
    node.on('close', () => this.#end('both'))
    node.on('error', (error: NodeJS.ErrnoException) => this.#fail(-(error.errno ?? -errno('EIO'))))
    if (node.destroyed) this.#fail(errno('ECONNRESET'))
  }

  /** Delivers what was held, as far as there is room now. */
  refill(): void {
    if (this.#held.length === 0) return
    this.#held = this.#held.subarray(this.#shared.deliver(this.#held))
    if (this.#held.length > 0) return
    this.#held = NONE
    this.#tellEnd()
    this.#node.resume()
  }

  /** Gives the host what is in the send ring, unless it still has to take some. */
  flush(): void {
    if (this.#writing === 0) this.#write()
  }

  /** What is in the send ring is still sent before the FIN. */
  shutdown(how: number): void {
    if (how === SHUT_RD || how === SHUT_RDWR) this.#end('receive')
    if (how === SHUT_WR || how === SHUT_RDWR) {
      this.#end('send')
      this.#write()
      this.#node.end()
    }
  }

  /**
   * Sends what is in the send ring, then the FIN. Sends a reset instead if one is asked for, or if
   * the program has not read all that the peer sent: see tcp(7) and RFC 2525, 2.17.
   */
  close(reset: boolean): void {
    const held = this.#held.length + this.#node.readableLength
    const unread = this.#shared.receive.used + held > 0
    if (this.#node.connecting) this.#node.destroy()
    else if (reset || unread) this.#node.resetAndDestroy()
    else {
      this.#write()
      this.#node.pause().destroySoon()
    }
    this.#held = NONE
    this.#isClosed = true
  }

  setNoDelay(on: boolean): void {
    this.#node.setNoDelay(on)
  }

  #onData(bytes: Uint8Array): void {
    if (this.#isClosed) return
    const count = this.#held.length > 0 ? 0 : this.#shared.deliver(bytes)
    if (count === bytes.length) return
    // A paused Node socket brings no chunk, unless one was on its way already.
    const rest = bytes.subarray(count)
    this.#held = this.#held.length > 0 ? Buffer.concat([this.#held, rest]) : rest
    this.#node.pause()
  }

  #write(): void {
    for (let count = outgoing.length; count === outgoing.length && this.#node.writable; ) {
      count = this.#shared.outgoing(outgoing, this.#writing)
      if (count === 0) return
      this.#writing += count
      this.#node.write(outgoing.subarray(0, count), this.#onWritten)
      if (this.#node.writableLength === 0) this.#sent()
      else {
        this.#kept.push(outgoing)
        outgoing = spare.pop() ?? Buffer.allocUnsafeSlow(outgoing.length)
      }
    }
  }

  readonly #onWritten = () => {
    if (this.#writing === 0 || this.#node.writableLength > 0 || this.#isClosed) return
    spare.push(...this.#kept.splice(0))
    this.#sent()
    // A mark that came meanwhile has been taken in vain.
    this.#write()
  }

  #sent(): void {
    this.#shared.sent(this.#writing)
    this.#writing = 0
  }

  #end(side: 'receive' | 'send' | 'both'): void {
    if (side !== 'send') this.#receiveEnded = true
    if (side !== 'receive') this.#sendEnded = true
    this.#tellEnd()
  }

  #fail(errno: number): void {
    const isConnected = this.#shared.has(FLAG.connected)
    this.#receiveEnded = true
    this.#sendEnded = true
    if (this.#isClosed) return
    if (isConnected) this.#shared.fail(errno, this.#endFlags, 0)
    else this.#owner.failed(errno)
  }

  #tellEnd(): void {
    if (!this.#isClosed && this.#shared.has(FLAG.connected)) this.#shared.end(this.#endFlags)
  }

  /** The end of what is received comes after the bytes that are held. */
  get #endFlags(): number {
    const receive = this.#receiveEnded && this.#held.length === 0 ? FLAG.receiveEnded : 0
    return receive | (this.#sendEnded ? FLAG.sendEnded : 0)
  }

  #learnAddresses(): void {
    this.local = toAddress(this.#node.localAddress, this.#node.localPort)
    this.peer = toAddress(this.#node.remoteAddress, this.#node.remotePort)
  }
}
