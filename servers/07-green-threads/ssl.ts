import type { Socket } from 'node:net'
import { connect, type PeerCertificate, type SecureContext, TLSSocket } from 'node:tls'
import { AsyncResult } from './event.ts'
import type { Green } from './hub.ts'
import { GreenSocket } from './socket.ts'
import type { Patience } from './timeout.ts'

/** A handshake did not come to its end. What else it fails with are errors of Node's. */
export class SSLError extends Error {
  override readonly name = 'SSLError'
  /** What Node calls it. */
  readonly code: 'ECONNRESET' | 'ERR_TLS_HANDSHAKE_TIMEOUT'

  constructor(code: SSLError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** For the client's side; a server's is a StreamServer with a key and a certificate. */
export interface SSLOptions {
  /** The name that the server's certificate must have. */
  readonly serverHostname: string
  /** Certificates to trust, as PEM text, instead of those that Node trusts. */
  readonly ca?: string
}

/**
 * A TCP socket with TLS on it. After gevent.ssl.SSLSocket.
 *
 * Where it differs: a client always checks the server's certificate. An end of the stream that no
 * close_notify announces reads as any other, since Node does not tell them apart.
 */
export class SSLSocket extends GreenSocket {
  readonly #tls: TLSSocket
  readonly #handshake = new AsyncResult<void>()

  /** @param done the event of Node's that says that the handshake is over */
  private constructor(tls: TLSSocket, done: 'secure' | 'secureConnect') {
    super(tls)
    this.#tls = tls
    const failed = (error: Error) => {
      if (!this.#handshake.ready()) this.#handshake.setException(error)
    }
    const gone = () => failed(new SSLError('ECONNRESET', 'the peer left during the handshake'))
    tls.once(done, () => this.#handshake.set())
    tls.once('error', failed).once('end', gone).once('close', gone)
  }

  /** The client's side, on a socket that is connected. */
  static client(socket: Socket, { serverHostname, ca }: SSLOptions): SSLSocket {
    const tls = connect({ socket, servername: serverHostname, ...(ca && { ca }) })
    return new SSLSocket(tls, 'secureConnect')
  }

  /** The server's side, on a socket that was accepted. */
  static server(socket: Socket, secureContext: SecureContext): SSLSocket {
    const highWater = { highWaterMark: socket.writableHighWaterMark }
    const options = { isServer: true, secureContext, ...highWater }
    // Node's manual has no event for this side; `secure` is what its own tls.Server listens to.
    return new SSLSocket(new TLSSocket(socket, options), 'secure')
  }

  /**
   * Waits for the end of the handshake, which has begun by itself. If it fails, or is not over
   * within `timeout`, the connection is closed, and this throws.
   */
  *doHandshake(timeout?: Patience): Green<void> {
    try {
      yield* this.#handshake.get(timeout)
    } catch (error) {
      this.abort()
      throw error
    }
  }

  /** What was agreed on, such as `TLSv1.3`; null before. */
  version(): string | null {
    return this.#tls.getProtocol()
  }

  /** The peer's certificate; without properties if it has shown none. */
  getpeercert(): PeerCertificate {
    return this.#tls.getPeerCertificate()
  }
}

/**
 * Puts TLS on a connection, as its client, and waits for the handshake. `socket` is given up for
 * what this returns. Throws Node's error if the server's certificate is not to be trusted.
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
