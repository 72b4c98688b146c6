import type { Socket } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { type Address, formatAddress } from '../posix/api.ts'
import type { TlsIdentity } from '../server.ts'
import { peerAddress } from './addresses.ts'

/** How long a handshake may take, in milliseconds. asyncio and nginx: 60 s; Node: 120 s. */
const HANDSHAKE = 10_000

interface Guest {
  readonly socket: Socket
  readonly peer: Address
  error?: Error
}

/**
 * TLS between a server on node:net and its handler. A socket enters as it was accepted, and passes
 * once its handshake is done. Handshakes go on side by side, so that a bad one costs other clients
 * nothing. A TLS server of Node that never listens makes them: sockets are handed to it by its
 * `connection` event, as the manual of node:tls describes.
 *
 * A secure socket asks for a drain at 16 KiB, whatever `--high-water` says: Node has no setting for
 * that. An end without close_notify reads as an end; Node doesn't tell the two apart.
 */
export class TlsGate {
  readonly #server
  readonly #passed: (socket: Socket) => void
  readonly #failed: (peer: Address, error?: Error) => void
  /** By the peer's address, since Node does not say which socket a secure one was made of. */
  readonly #guests = new Map<string, Guest>()

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
    this.#passed = passed
    this.#failed = failed
    const handshakeTimeout = Math.min(HANDSHAKE, limit)
    this.#server = createServer({ ...identity, handshakeTimeout })
    this.#server.on('secureConnection', (socket) => this.#pass(socket))
    this.#server.on('tlsClientError', (error, socket) => this.#refuse(error, socket))
  }

  // #region enter
  enter(socket: Socket): void {
    const peer = peerAddress(socket)
    const key = formatAddress(peer)
    this.#guests.set(key, { socket, peer })
    socket.once('close', () => {
      const guest = this.#guests.get(key)
      this.#guests.delete(key)
      if (guest) this.#failed(peer, guest.error)
    })
    this.#server.emit('connection', socket)
  }
  // #endregion enter

  /** Closing time: clients that have not passed are turned away. */
  close(): void {
    for (const { socket } of this.#guests.values()) socket.destroy()
  }

  #pass(socket: TLSSocket): void {
    this.#guests.delete(formatAddress(peerAddress(socket)))
    this.#passed(socket)
  }

  #refuse(error: Error, socket: TLSSocket): void {
    const guest = this.#guests.get(formatAddress(peerAddress(socket)))
    if (guest) guest.error = error
    // After a handshake that took too long, Node leaves this to us.
    socket.destroy()
  }
}
