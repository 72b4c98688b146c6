/**
 * A dispatcher whose `send` takes everything: what the kernel does not take at once waits here, and
 * is sent when the socket is writable.
 *
 * Where it differs from Python's, and why:
 * - When the peer has sent its FIN while output waits, Python's calls `handle_close` at once, whose
 *   usual answer is `close`, and the output is lost. Here `handleClose` comes when the output has
 *   been sent, since a peer that has ended its own stream may well go on reading.
 * - A close drops the output that waits. Python's keeps it, and sends it on the connection that the
 *   same dispatcher makes next, to a peer that has not asked for it.
 */
import { ByteQueue } from '../bytes/byte-queue.ts'
import { Dispatcher } from './dispatcher.ts'

/** The most that is handed to one send(2), in bytes. */
const SEND_SIZE = 65536

export class DispatcherWithSend extends Dispatcher {
  /** What waits to be sent. Unbounded: watch its length in `readable`. */
  readonly outBuffer = new ByteQueue()
  #closesWhenSent = false

  // #region reply
  /** Takes all of `data` and copies what it must keep. Returns its length. */
  override send(data: Uint8Array): number {
    if (data.length === 0) return 0
    const { closes } = this
    const sent = this.outBuffer.length === 0 ? this.#trySend(data) : 0
    const isLost = this.fd < 0 || closes !== this.closes
    if (!isLost && sent < data.length) this.outBuffer.push(data.subarray(sent))
    return data.length
  }

  /** Sends what it can of what waits. */
  initiateSend(): void {
    if (this.outBuffer.length === 0) return
    // 0 if the connection was lost: what waits then is for the next one.
    this.outBuffer.drop(this.#trySend(this.outBuffer.peek()))
    if (this.outBuffer.length === 0) this.#allSent()
  }

  /** True also while it connects, since POLLOUT says that the connection is made. */
  override writable(): boolean {
    return !this.connected || this.outBuffer.length > 0
  }

  override handleWrite(): void {
    this.initiateSend()
  }
  // #endregion reply

  override close(): void {
    super.close()
    this.outBuffer.clear()
    this.#closesWhenSent = false
  }

  // #region endOfStream
  protected override endOfStream(): void {
    if (this.outBuffer.length === 0) this.handleClose()
    else this.#closesWhenSent = true
  }
  // #endregion endOfStream

  #trySend(data: Uint8Array): number {
    if (!this.connected) return 0
    return super.send(data.length > SEND_SIZE ? data.subarray(0, SEND_SIZE) : data)
  }

  #allSent(): void {
    if (!this.#closesWhenSent) return
    this.#closesWhenSent = false
    this.handleClose()
  }
}
