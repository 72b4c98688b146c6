import type { Socket } from 'node:net'
import type { Address } from '../posix/api.ts'
import type { TlsIdentity } from '../server.ts'
import type { Places } from '../support/places.ts'
import { peerAddress } from './addresses.ts'
import { sharedListener } from './shared-listener.ts'
import { TlsGate } from './tls-gate.ts'

export interface AdmissionRules {
  readonly places: Places
  /** With it, a connection starts once its TLS handshake is done. */
  readonly tls?: TlsIdentity | undefined
  /** Milliseconds that a handshake may take; never more than ten seconds. */
  readonly handshakeTimeout: number
}

/**
 * The door of a server on node:net. Node accepts every client and can't be told to stop: a client
 * without a place waits here, accepted but unread, and starts in its turn when others leave. The
 * sockets must come paused (`pauseOnConnect`).
 */
export class Admission {
  readonly #places: Places
  readonly #gate: TlsGate | undefined
  readonly #start: (socket: Socket) => void
  /** The sockets that wait, each with the function that is called when its turn has come. */
  readonly #waiting = new Map<Socket, () => void>()
  readonly #left = sharedListener((socket: Socket) => this.#leave(socket))

  /**
   * @param start is called with each socket when its turn has come; resume it there
   * @param turnedAway is called for a client that has left without a TLS handshake, and why
   */
  constructor(
    { places, tls, handshakeTimeout }: AdmissionRules,
    start: (socket: Socket) => void,
    turnedAway: (peer: Address, error?: Error) => void,
  ) {
    const gate = tls && new TlsGate(tls, handshakeTimeout, start, turnedAway)
    this.#places = places
    this.#gate = gate
    this.#start = gate ? (socket) => gate.enter(socket) : start
  }

  // #region enter
  /** A client has been accepted. */
  enter(socket: Socket): void {
    // The system forgets the peer's address when it resets the connection, but Node remembers it
    // once asked.
    peerAddress(socket)
    const turn = () => {
      this.#waiting.delete(socket)
      this.#start(socket)
    }
    this.#waiting.set(socket, turn)
    socket.on('close', this.#left)
    this.#places.take(turn)
  }
  // #endregion enter

  /** Closing time: clients that have not started yet are turned away. */
  close(): void {
    for (const socket of this.#waiting.keys()) socket.destroy()
    this.#gate?.close()
  }

  #leave(socket: Socket): void {
    const turn = this.#waiting.get(socket)
    this.#waiting.delete(socket)
    if (turn) this.#places.withdraw(turn)
    else this.#places.giveBack()
  }
}
