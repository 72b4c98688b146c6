/**
 * How does a protocol get lines out of bytes that come cut anywhere? One loop delivers everything,
 * whatever a callback does: a change of mode or delimiter applies to the rest of the same buffer,
 * pausing stops at once and loses nothing, closing drops what is left.
 */
import { ByteQueue } from '../bytes/byte-queue.ts'
import { asBuffer, NOTHING, prefixAtEnd } from '../bytes/bytes.ts'
import type { Producer } from './interfaces.ts'
import { Protocol } from './protocol.ts'

/**
 * A protocol made of lines, with raw bytes between them where a subclass changes the mode. Each
 * line is a copy, which the protocol may keep, without its delimiter.
 */
export class LineReceiver extends Protocol implements Producer {
  delimiter: Uint8Array = Buffer.from('\r\n')
  /** The longest line, in bytes, its delimiter not counted. */
  MAX_LENGTH = 16384
  #isLineMode = true
  #isPaused = false
  #isDelivering = false
  readonly #waiting = new ByteQueue()

  lineReceived(_line: Uint8Array): void {}

  /** Raw mode: bytes as they come, valid until this returns. */
  rawDataReceived(_data: Uint8Array): void {}

  /** A line is too long. `rest` is this line and all that came after it. The default closes. */
  lineLengthExceeded(_rest: Uint8Array): void {
    this.transport.loseConnection()
  }

  /** @param extra bytes that raw mode was given but that belong to lines: received again */
  setLineMode(extra: Uint8Array = NOTHING): void {
    this.#isLineMode = true
    if (extra.length > 0) this.dataReceived(extra)
  }

  /**
   * What is left of the buffer goes to `rawDataReceived`, once the present callback has returned.
   */
  setRawMode(): void {
    this.#isLineMode = false
  }

  sendLine(line: Uint8Array): void {
    this.transport.writeSequence([line, this.delimiter])
  }

  pauseProducing(): void {
    this.#isPaused = true
    this.transport.pauseProducing()
  }

  resumeProducing(): void {
    this.#isPaused = false
    this.transport.resumeProducing()
    this.dataReceived(NOTHING)
  }

  stopProducing(): void {
    this.#isPaused = true
    this.transport.stopProducing()
  }

  override dataReceived(data: Uint8Array): void {
    this.#waiting.push(data)
    // Called in a callback, by setLineMode or resumeProducing: the running loop delivers the bytes.
    if (this.#isDelivering) return
    if (this.delimiter.length === 0) throw new RangeError('a delimiter has one byte at least')
    this.#isDelivering = true
    try {
      while (this.#mayDeliver && this.#deliver()) {}
    } finally {
      this.#isDelivering = false
    }
  }

  get #mayDeliver(): boolean {
    return this.#waiting.length > 0 && !this.#isPaused && !this.transport?.disconnecting
  }

  /** Makes one callback; false if more bytes are needed for it. */
  #deliver(): boolean {
    if (!this.#isLineMode) {
      this.rawDataReceived(this.#take())
      return true
    }
    const bytes = asBuffer(this.#waiting.peek())
    const end = bytes.indexOf(this.delimiter)
    const length = end < 0 ? bytes.length - prefixAtEnd(bytes, this.delimiter) : end
    if (length > this.MAX_LENGTH) {
      this.lineLengthExceeded(this.#take())
      return true
    }
    if (end < 0) return false
    const line = Uint8Array.prototype.slice.call(bytes, 0, end)
    this.#waiting.drop(end + this.delimiter.length)
    this.lineReceived(line)
    return true
  }

  #take(): Uint8Array {
    const bytes = this.#waiting.peek()
    this.#waiting.clear()
    return bytes
  }
}
