/**
 * When does a greenlet that sends have to wait? Only while more than the high-water mark is unsent,
 * since Node keeps what the kernel does not take. This wait is the back pressure.
 */
import { constants } from 'node:os'
import type { Writable } from 'node:stream'
import { SystemError } from '../posix/api.ts'
import { DONE, type Green, hub, Waiter } from './hub.ts'

/** After each of these the stream may take bytes again, or has ended. */
const EVENTS = ['drain', 'finish', 'close'] as const

/** The sending end of a socket or a pipe. */
export class Output {
  readonly #stream: Writable
  /** The greenlets that wait; undefined until one has to, which on most streams none ever has. */
  #waiting: Set<Waiter<void>> | undefined
  /** Why no bytes are taken any more. An error is made when it is thrown. */
  #reason: (() => Error) | undefined
  readonly #wake = () => {
    for (const waiter of [...(this.#waiting ?? [])]) waiter.switch()
  }
  readonly #fail = (error: Error) => {
    this.#reason ??= () => error
    this.interrupt(this.#reason())
  }

  constructor(stream: Writable) {
    this.#stream = stream
    const { errored } = stream
    if (errored) this.#reason = () => errored
    stream.on('error', this.#fail)
  }

  // #region sendall
  /**
   * Sends all of `bytes`, at once or as the peer takes them; `yield*` what this returns to wait
   * while more than the high-water mark is unsent. Throws what the stream has failed with.
   */
  sendall(bytes: Uint8Array | string): Green<void> {
    if (bytes.length === 0) return DONE
    if (this.#reason || !this.#stream.writable) throw this.#failure()
    return this.#stream.write(bytes) ? DONE : this.waitWritable()
  }
  // #endregion sendall

  /** Waits until `sendall` would return at once. */
  *waitWritable(): Green<void> {
    while (!this.#reason && this.#stream.writableNeedDrain) yield* this.#next()
    if (this.#reason || this.#stream.destroyed) throw this.#failure()
  }

  /** Ends the stream after all that is unsent; `yield*` what this returns to wait for that. */
  end(): Green<void> {
    if (this.#reason) throw this.#reason()
    if (!this.#stream.writableEnded) this.#stream.end()
    return this.#finished()
  }

  /** True while a greenlet waits here. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0
  }

  *#finished(): Green<void> {
    const stream = this.#stream
    while (!this.#reason && !stream.destroyed && !stream.writableFinished) yield* this.#next()
    if (!stream.writableFinished) throw this.#failure()
  }

  /** A stream may end without an error: by `end`, or under TLS when the socket below is closed. */
  #failure(): Error {
    return this.#reason?.() ?? new SystemError('send', constants.errno.EPIPE)
  }

  *#next(): Green<void> {
    const waiter = new Waiter<void>()
    this.#waiting ??= this.#listen()
    this.#waiting.add(waiter)
    try {
      yield* waiter.get()
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  #listen(): Set<Waiter<void>> {
    for (const event of EVENTS) this.#stream.on(event, this.#wake)
    return new Set()
  }

  /** Closed from our side: what was given to `sendall` is still sent, and no more is taken. */
  close(reason: () => Error): void {
    this.#reason = reason
    if (this.isWaiting) hub.runCallback(() => this.interrupt(reason()))
  }

  /** Gives the stream back. */
  detach(): void {
    this.#stream.off('error', this.#fail)
    for (const event of EVENTS) this.#stream.off(event, this.#wake)
  }

  /** Throws `error` into the greenlets that wait. Only the hub may call this. */
  interrupt(error: Error): void {
    for (const waiter of [...(this.#waiting ?? [])]) waiter.throw(error)
  }
}
