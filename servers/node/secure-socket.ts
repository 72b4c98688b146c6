import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'

/**
 * Puts TLS on a socket that was accepted. Its handshake begins by itself, and ends with the event
 * `secure`, which Node's manual doesn't have: it is what Node's own tls.Server listens to.
 *
 * A client can't renegotiate: TLS 1.3 has no renegotiation, and in 1.2 it costs the server more
 * than the client.
 */
export function secureSocket(socket: Socket, secureContext: SecureContext): TLSSocket {
  const highWater = { highWaterMark: socket.writableHighWaterMark }
  const options = { isServer: true, secureContext, ...highWater }
  const secure = new TLSSocket(socket, options)
  secure.disableRenegotiation()
  closeOnFatalError(secure)
  return secure
}

/**
 * After a broken record, or text without TLS, the alert is sent and the connection is closed:
 * RFC 8446, section 6.2. After the handshake Node would leave it open, and it has no public event
 * that tells this error from others.
 */
export function closeOnFatalError(secure: TLSSocket): void {
  secure.on('_tlsError', (error: Error) => {
    // An alert that meets another write in flight goes out after it: in the next turn of the loop.
    setImmediate(() => setImmediate(() => secure.destroy(error)))
  })
}
