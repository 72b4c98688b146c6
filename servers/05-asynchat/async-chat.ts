/**
 * asynchat: a dispatcher that cuts its input for you. `setTerminator` says where the next cut is,
 * and the loop's events become calls with this grammar:
 *
 *     (collectIncomingData* foundTerminator)* collectIncomingData* handleClose
 *
 *     terminator     collects                       foundTerminator
 *     bytes          up to them                     when they are found, however cut into chunks
 *     a number n     exactly n bytes                then, and n has become 0: set the next one
 *     null, 0, none  everything, as it comes        never
 *
 * Output goes through a queue that holds bytes, producers, and the end.
 *
 * Where it differs from Python's asynchat ("the original"), and why; dispatcher.ts lists more:
 * - Data is a view into the receive buffer, valid during the callback: keep a copy. `push` makes
 *   its own.
 * - What callbacks push is sent when the whole chunk has been delivered: one send(2) per chunk
 *   instead of one per line. The queue joins neighbouring bytes, where the original keeps each push
 *   on its own.
 * - A close within a callback drops the rest of the chunk. The original goes on calling.
 * - A close drops the input and the output that wait. The original keeps them for the connection
 *   that the same object makes next.
 * - A terminator that `collectIncomingData` sets holds from the next byte on, also for bytes that
 *   were held back as the start of the old one. The original keeps these until more input comes,
 *   and still takes an old terminator that is in the same chunk.
 * - At the end of the stream a false prefix of the terminator that was held back is collected, and
 *   `handleClose` waits until the queue has been sent. The original loses both.
 */
import { Dispatcher } from '../04-asyncore/dispatcher.ts'
import { asBuffer, indexOfByte, NOTHING, prefixAtEnd } from '../bytes/bytes.ts'
import { OutputQueue } from './output-queue.ts'
import type { Producer } from './producer.ts'

export type Terminator = Uint8Array | number | null

export abstract class AsyncChat extends Dispatcher {
  /**
   * The most that is received and delivered at once, and the most that is sent at once, in bytes.
   */
  acInBufferSize = 65536
  acOutBufferSize = 65536
  #terminator: Terminator = null
  /** What has come and isn't delivered yet: `#input` from `#start` on. */
  #input: Uint8Array = NOTHING
  #start = 0
  readonly #output = new OutputQueue()
  #delivering = false
  #closesWhenSent = false

  /** The next bytes of what is being collected, never empty; valid until it returns. */
  abstract collectIncomingData(data: Uint8Array): void

  /** The terminator has come; it isn't part of what was collected. */
  abstract foundTerminator(): void

  /**
   * Holds from the next byte on, even within a callback. It outlives `close`: a chat that connects
   * again sets the first one of its protocol anew. Throws RangeError for what can't be counted.
   */
  setTerminator(terminator: Terminator): void {
    if (typeof terminator === 'number' && !(Number.isInteger(terminator) && terminator >= 0)) {
      throw new RangeError(`can't collect ${terminator} bytes`)
    }
    this.#terminator = terminator
  }

  /** The terminator; of a number, what is left of it. */
  getTerminator(): Terminator {
    return this.#terminator
  }

  /** Queues bytes. Throws TypeError for anything else: encode text first. */
  push(data: Uint8Array): void {
    if (!(data instanceof Uint8Array)) throw new TypeError('push takes bytes (Uint8Array)')
    if (!this.#sendsAtOnce || !this.#output.isEmpty || data.length === 0) {
      this.#output.push(data)
      return
    }
    const { closes } = this
    const isLonger = data.length > this.acOutBufferSize
    const sent = this.send(isLonger ? data.subarray(0, this.acOutBufferSize) : data)
    if (closes === this.closes && sent < data.length) this.#output.push(data.subarray(sent))
  }

  /**
   * Queues what `producer.more()` returns until that is empty; it is asked when its turn has come.
   */
  pushWithProducer(producer: Producer): void {
    this.#output.pushProducer(producer)
    if (this.#sendsAtOnce) this.initiateSend()
  }

  /** Queues the end: `handleClose` is called when everything before it has been sent. */
  closeWhenDone(): void {
    this.#output.pushEnd()
  }

  /** The number of bytes in the queue, without those that producers will still give. */
  get unsent(): number {
    return this.#output.bytes
  }

  /** One send(2) of what is first in the queue. */
  initiateSend(): void {
    if (!this.connected) return
    const next = this.#output.next(this.acOutBufferSize)
    if (next === 'end') {
      this.#closesWhenSent = false
      this.handleClose()
      return
    }
    // Nothing is dropped if the connection was lost: what waits then is for the next one.
    if (next !== 'empty') this.#output.drop(this.send(next))
    if (this.#closesWhenSent && this.#output.isEmpty) {
      this.#closesWhenSent = false
      this.handleClose()
    }
  }

  /** Forgets input that isn't delivered and output that isn't sent. */
  discardBuffers(): void {
    this.#input = NOTHING
    this.#start = 0
    this.#output.clear()
  }

  override writable(): boolean {
    return !this.connected || !this.#output.isEmpty
  }

  override handleRead(): void {
    const data = this.recv(this.acInBufferSize)
    if (data.length === 0) return
    this.#input = this.#input.length === 0 ? data : Buffer.concat([this.#input, data])
    this.#deliver()
    this.initiateSend()
  }

  override handleWrite(): void {
    this.initiateSend()
  }

  override handleClose(): void {
    this.close()
  }

  override close(): void {
    super.close()
    this.discardBuffers()
    this.#closesWhenSent = false
  }

  protected override endOfStream(): void {
    const { closes } = this
    // First by the terminator that holds now: a callback or another handler may have set it.
    this.#deliver()
    this.#collect(this.#input.length)
    if (closes !== this.closes) return
    this.#input = NOTHING
    this.#start = 0
    this.#closesWhenSent = !this.#output.isEmpty
    if (!this.#closesWhenSent) this.handleClose()
  }

  /**
   * False while more of a chunk is to be delivered: the replies to the rest can go into the same
   * send(2).
   */
  get #sendsAtOnce(): boolean {
    return this.connected && !(this.#delivering && this.#start < this.#input.length)
  }

  // #region deliver
  /**
   * A loop, not a recursion: a callback that sets the terminator anew changes what the next step
   * does.
   */
  #deliver(): void {
    this.#delivering = true
    try {
      while (this.#start < this.#input.length && this.#deliverNext()) {}
    } finally {
      this.#delivering = false
      // A copy, since the next recv uses the memory of the view.
      const isDone = this.#start >= this.#input.length
      this.#input = isDone ? NOTHING : this.#input.slice(this.#start)
      this.#start = 0
    }
  }

  /**
   * Delivers up to the next cut or the end of the chunk; false if the rest may be a terminator's
   * start.
   */
  #deliverNext(): boolean {
    const terminator = this.#terminator
    if (terminator === null || terminator === 0) this.#collect(this.#input.length)
    else if (typeof terminator === 'number') this.#count(terminator)
    else if (terminator.length === 0) this.#collect(this.#input.length)
    else return this.#search(terminator)
    return true
  }
  // #endregion deliver

  #count(left: number): void {
    const { closes } = this
    const count = Math.min(left, this.#input.length - this.#start)
    // Before the callbacks, so that what they set stays.
    this.#terminator = left - count
    this.#collect(this.#start + count)
    if (count === left && closes === this.closes) this.foundTerminator()
  }

  // #region search
  #search(terminator: Uint8Array): boolean {
    const found = indexOf(this.#input, terminator, this.#start)
    const { length } = this.#input
    const end = found < 0 ? length - prefixAtEnd(this.#input, terminator, this.#start) : found
    if (found < 0 && end === this.#start) return false
    this.#collect(end)
    // After the callback the terminator may be another, or the input be gone.
    if (found >= 0 && this.#start === found && this.#terminator === terminator) {
      this.#start += terminator.length
      this.foundTerminator()
    }
    return true
  }
  // #endregion search

  /** Takes the input up to `end`, and hands it over if it isn't empty. */
  #collect(end: number): void {
    const start = this.#start
    // Before the callback, which may close the channel or discard the buffers.
    this.#start = end
    if (end > start) this.collectIncomingData(this.#input.subarray(start, end))
  }
}

function indexOf(input: Uint8Array, terminator: Uint8Array, start: number): number {
  if (terminator.length === 1) return indexOfByte(input, terminator[0]!, start)
  return asBuffer(input).indexOf(terminator, start)
}
