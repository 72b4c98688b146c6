import type { Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Address } from '../posix/api.ts'
import type { TlsIdentity } from '../server.ts'
import { peerAddress } from './addresses.ts'
import { secureSocket } from './secure-socket.ts'

/** How long a handshake may take, in milliseconds. asyncio and nginx: 60 s; Node: 120 s. */
const HANDSHAKE = 10_000

/** A handshake was not completed. OpenSSL's own failures are errors of Node's. */
class HandshakeError extends Error {
  override readonly name = 'HandshakeError'
  readonly code: 'ECONNRESET' | 'ERR_TLS_HANDSHAKE_TIMEOUT'

  constructor(code: HandshakeError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * TLS between a server on node:net and its handler. A socket enters as it was accepted, and passes
 * once its handshake is done. Handshakes go on side by side, so that a bad one costs other clients
 * nothing.
 *
 * An end without close_notify reads as an end; Node doesn't tell the two apart.
 */
export class TlsGate {
  readonly #context: SecureContext
  readonly #limit: number
  readonly #passed: (socket: Socket) => void
  readonly #failed: (peer: Address, error?: Error) => void
  readonly #guests = new Set<Socket>()

  /**
   * @param limit milliseconds that a handshake may take; never more than ten seconds
   * @param passed is called with a secure socket: what is read from it and written is plain text
   * @param failed is called when a connection has ended before that: its client spoke no TLS, or
   *   stalled, or left
   */
  constructor(
    identity: TlsIdentity,
    limit: number,
    passed: (socket: Socket) => void,
    failed: (peer: Address, error?: Error) => void,
  ) {
    this.#context = createSecureContext({ ...identity })
    this.#limit = Math.min(HANDSHAKE, limit)
    this.#passed = passed
    this.#failed = failed
  }

  // #region enter
  enter(socket: Socket): void {
    const peer = peerAddress(socket)
    const secure = secureSocket(socket, this.#context)
    const late = setTimeout(() => {
      secure.destroy(new HandshakeError('ERR_TLS_HANDSHAKE_TIMEOUT', 'the handshake took too long'))
    }, this.#limit)
    // Nothing can be read before the handshake is done, but the FIN of a client that leaves.
    const left = () => {
      secure.destroy(new HandshakeError('ECONNRESET', 'the client left during the handshake'))
    }
    const ended = () => this.#failed(peer, secure.errored ?? undefined)
    const ignored = () => {} // `close` comes next, and finds the error in `errored`.
    this.#guests.add(secure)
    secure.on('readable', left).on('error', ignored).on('close', ended)
    secure.once('secure', () => {
      secure.off('readable', left).off('error', ignored).off('close', ended)
      clearTimeout(late)
      this.#guests.delete(secure)
      this.#passed(secure)
    })
    secure.once('close', () => {
      clearTimeout(late)
      this.#guests.delete(secure)
    })
  }
  // #endregion enter

  /** Closing time: clients that have not passed are turned away. */
  close(): void {
    for (const socket of this.#guests) socket.destroy()
  }
}
