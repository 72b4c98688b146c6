/**
 * What does a TCP server add to the base server? Green sockets, and TLS if there is a key and a
 * certificate.
 */
import { readFileSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import type { Address } from '../posix/api.ts'
import { BaseServer, type Handle, type ServerOptions } from './base-server.ts'
import { call, GreenletExit } from './greenlet.ts'
import type { Green } from './hub.ts'
import type { ListenAddress, Listener } from './listener.ts'
import { checkSeconds } from './numbers.ts'
import { GreenSocket } from './socket.ts'
import { SSLError, SSLSocket } from './ssl.ts'
import { Timeout } from './timeout.ts'

/** With a key and a certificate, as files or as PEM text, the server speaks TLS. */
export interface StreamServerOptions extends ServerOptions {
  readonly keyfile?: string
  readonly certfile?: string
  readonly key?: string
  readonly cert?: string
  /** Seconds that the handshake of a client may take: 10, or fewer. */
  readonly handshakeTimeout?: number
}

/** In seconds. Node's own servers wait 120. */
const HANDSHAKE_TIMEOUT = 10

/**
 * A TCP server that hands each connection to `handle`, in a greenlet of its own. The end of the
 * handler closes the connection. Modelled on gevent.server.StreamServer.
 *
 *     const server = new StreamServer(['127.0.0.1', 1234], handle, { spawn: 10 })
 *     yield* server.serveForever()
 *
 * Where it differs: the TLS handshake has a time limit. A handshake that fails closes its
 * connection and is not reported as a failure of the server, since any client can make it fail.
 */
export class StreamServer extends BaseServer {
  readonly #secureContext: SecureContext | undefined
  readonly #handshakeTimeout: number

  /** Called when a handshake has failed, with the reason. Assign another function to be told. */
  handshakeFailed = (_address: Address, _error: unknown): void => {}

  constructor(
    listener: ListenAddress | Listener | Server,
    handle: Handle,
    options: StreamServerOptions = {},
  ) {
    super(listener, handle, options)
    const { keyfile, certfile, handshakeTimeout = HANDSHAKE_TIMEOUT } = options
    checkSeconds(handshakeTimeout)
    if (handshakeTimeout <= 0) throw new RangeError(`a handshake in ${handshakeTimeout} seconds`)
    this.#handshakeTimeout = Math.min(handshakeTimeout, HANDSHAKE_TIMEOUT)
    const key = keyfile === undefined ? options.key : readFileSync(keyfile)
    const cert = certfile === undefined ? options.cert : readFileSync(certfile)
    if (!key !== !cert) throw new TypeError('TLS needs both, a key and a certificate')
    if (key && cert) this.#secureContext = createSecureContext({ key, cert })
  }

  get sslEnabled(): boolean {
    return this.#secureContext !== undefined
  }

  protected wrap(client: Socket): GreenSocket {
    const context = this.#secureContext
    return context ? SSLSocket.server(client, context) : new GreenSocket(client)
  }

  // #region handshake
  /** A handshake takes a round trip or two: only the greenlet of its connection waits for it. */
  protected override converse(socket: GreenSocket): unknown {
    return socket instanceof SSLSocket ? this.#shakeHands(socket) : super.converse(socket)
  }

  *#shakeHands(socket: SSLSocket): Green<unknown> {
    const address = socket.getpeername()
    const late = new SSLError('ERR_TLS_HANDSHAKE_TIMEOUT', 'the handshake took too long')
    try {
      yield* new Timeout(this.#handshakeTimeout, late).scope(() => socket.doHandshake())
    } catch (error) {
      if (error instanceof GreenletExit) throw error
      this.handshakeFailed(address, error)
      return
    }
    return yield* call(() => super.converse(socket))
  }
  // #endregion handshake
}
