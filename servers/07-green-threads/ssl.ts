/**
 * How does a connection get TLS, and how does a greenlet wait for the handshake? Node does both;
 * this file turns its events into a call that waits.
 */
import type { Socket } from 'node:net'
import { connect, type PeerCertificate, type SecureContext, type TLSSocket } from 'node:tls'
import { closeOnFatalError, secureSocket } from '../node/secure-socket.ts'
import { AsyncResult } from './event.ts'
import type { Green } from './hub.ts'
import { GreenSocket } from './socket.ts'
import type { Patience } from './timeout.ts'

/** A handshake was not completed. If it fails in another way, the error is one of Node's. */
export class SSLError extends Error {
  override readonly name = 'SSLError'
  /** Node's name for this failure. */
  readonly code: 'ECONNRESET' | 'ERR_TLS_HANDSHAKE_TIMEOUT'

  constructor(code: SSLError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** The options of a client. A server gives a key and a certificate to StreamServer instead. */
export interface SSLOptions {
  /** The name that the certificate of the server must have. */
  readonly serverHostname: string
  /** Certificates to trust, as PEM text, instead of those that Node trusts. */
  readonly ca?: string
}

/**
 * A TCP socket with TLS on it. Modelled on gevent.ssl.SSLSocket.
 *
 * A fatal error closes the connection at once, after the alert, as RFC 8446 (6.2) says: a broken
 * record, text without TLS, or a client that asks for a renegotiation.
 *
 * Where it differs: a client always checks the certificate of the server. A stream that ends
 * without a close_notify ends like any other, since Node does not tell the two apart.
 */
export class SSLSocket extends GreenSocket {
  readonly #tls: TLSSocket
  readonly #handshake = new AsyncResult<void>()

  /** @param done Node's event that says that the handshake is over */
  private constructor(tls: TLSSocket, done: 'secure' | 'secureConnect') {
    super(tls)
    this.#tls = tls
    const leftEarly = () => new SSLError('ECONNRESET', 'the peer left during the handshake')
    const gone = () => this.#fail(leftEarly)
    tls.once(done, () => {
      if (!this.#handshake.ready()) this.#handshake.set()
    })
    tls
      .once('error', (error) => this.#fail(() => error))
      .once('end', gone)
      .once('close', gone)
  }

  /** The client's side, on a socket that is connected. */
  static client(socket: Socket, { serverHostname, ca }: SSLOptions): SSLSocket {
    const tls = connect({ socket, servername: serverHostname, ...(ca && { ca }) })
    closeOnFatalError(tls)
    return new SSLSocket(tls, 'secureConnect')
  }

  /** The server's side, on a socket that was accepted. */
  static server(socket: Socket, secureContext: SecureContext): SSLSocket {
    return new SSLSocket(secureSocket(socket, secureContext), 'secure')
  }

  /**
   * Waits for the end of the handshake, which begins by itself. If the handshake fails, or is not
   * over within `timeout`, the connection is closed and this throws.
   */
  *doHandshake(timeout?: Patience): Green<void> {
    try {
      yield* this.#handshake.get(timeout)
    } catch (error) {
      this.abort()
      throw error
    }
  }

  protected override refuse(reason: () => Error): void {
    this.#fail(reason)
    super.refuse(reason)
  }

  #fail(reason: () => Error): void {
    if (!this.#handshake.ready()) this.#handshake.setException(reason())
  }

  /** The version that was agreed on, such as `TLSv1.3`; null before. */
  version(): string | null {
    return this.#tls.getProtocol()
  }

  /** The certificate of the peer; without properties if the peer has shown none. */
  getpeercert(): PeerCertificate {
    return this.#tls.getPeerCertificate()
  }
}

/**
 * Puts TLS on a connection, as its client, and waits for the handshake. Use the socket that this
 * returns instead of `socket`, which is closed. Throws Node's error if the certificate of the
 * server can't be trusted.
 */
export function* wrapSocket(
  socket: GreenSocket,
  options: SSLOptions,
  timeout?: Patience,
): Green<SSLSocket> {
  const secure = SSLSocket.client(socket.detach(), options)
  yield* secure.doHandshake(timeout)
  return secure
}
