/**
 * What does HTTP need of a socket? To know whether a failure is the client's, to wait for it only
 * so long, and to end a connection in a way that the client understands.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { LINGER } from '../protocol/conversation.ts'
import { Refusal } from '../protocol/http-refusal.ts'
import { GreenletExit } from './greenlet.ts'
import { DONE, type Green } from './hub.ts'
import { type GreenSocket, SHUT_RD, SHUT_WR } from './socket.ts'
import { within } from './timeout.ts'

const CHUNK = 65536

export class Wire {
  /** True once the client has gone, or takes nothing any more: a failure that is not ours. */
  isLost = false
  readonly #socket: GreenSocket
  /** Seconds without a byte. */
  readonly #idleTime: number
  #hasEnded = false

  constructor(socket: GreenSocket, idleTime: number) {
    this.#socket = socket
    this.#idleTime = idleTime
    socket.settimeout(idleTime)
  }

  /** The next bytes, or none at the end of the stream. */
  *recv(): Green<Buffer> {
    const chunk = yield* this.#socket.recv(CHUNK)
    if (chunk.length === 0) this.#hasEnded = true
    return chunk
  }

  /** The next bytes of a request. After so many seconds, or at the end, it throws a Refusal. */
  *receive(seconds: number, late: string): Green<Buffer> {
    const giveUp = () => {
      throw new Refusal(408, late)
    }
    // This wait has a limit of its own. That of the socket could end it first, with a Timeout.
    this.#socket.settimeout(null)
    try {
      const chunk = yield* within(seconds, () => this.recv(), giveUp)
      if (chunk.length > 0) return chunk
    } catch (error) {
      this.#note(error)
      throw error
    } finally {
      this.#socket.settimeout(this.#idleTime)
    }
    throw new Refusal(400, 'the request is incomplete')
  }

  send(bytes: Uint8Array | string): Green<void> {
    try {
      const sending = this.#socket.sendall(bytes)
      return sending === DONE ? DONE : this.#finish(sending)
    } catch (error) {
      this.#note(error)
      throw error
    }
  }

  *#finish(sending: Green<void>): Green<void> {
    try {
      yield* sending
    } catch (error) {
      // Also a Timeout, of the socket or of the application: the response is not complete.
      if (!(error instanceof GreenletExit)) this.isLost = true
      throw error
    }
  }

  /** Reads nothing more: a greenlet that waits for a request finds that none comes. */
  close(): void {
    if (!this.#socket.closed) this.#socket.shutdown(SHUT_RD)
  }

  /**
   * Sends the FIN and waits for the client's, but not for long. A close with unread input would
   * send a reset, which may destroy the response on its way: see conversation.ts.
   */
  *linger(): Green<void> {
    if (this.#hasEnded) return
    yield* this.#socket.shutdown(SHUT_WR)
    yield* within(
      LINGER / 1000,
      () => this.#drop(),
      () => {},
    )
  }

  *#drop(): Green<void> {
    while (!this.#hasEnded) yield* this.recv()
  }

  // #region cut
  /** Ends a connection in the middle of a response. */
  cut(endsWithConnection: boolean): void {
    // A FIN would say that the body is complete, where nothing else says how long it is.
    if (endsWithConnection) reset(this.#socket.detach())
    else this.#socket.close()
  }
  // #endregion cut

  /** Gives Node's socket away. */
  detach(): Socket {
    return this.#socket.detach()
  }

  /** Only what the system reports has a code: the rest is the program's own. */
  #note(error: unknown): void {
    if (error instanceof Error && 'code' in error) this.isLost = true
  }
}

/** Under TLS the close_notify is missing, which tells the client the same. */
function reset(socket: Socket): void {
  socket.on('error', () => {})
  if (socket instanceof TLSSocket) socket.destroy()
  else socket.resetAndDestroy()
}
