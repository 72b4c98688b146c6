/**
 * What keeps the promises where Node does not: a place for each client, an end for each silent one,
 * and closing time for all.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { peerAddress, serverAddress } from '../node/addresses.ts'
import { Admission } from '../node/admission.ts'
import { ignored, sharedListener } from '../node/shared-listener.ts'
import type { Address } from '../posix/api.ts'
import type { ServeOptions, Supervisor } from '../server.ts'
import { writeLine } from '../support/report.ts'

/** Serves a client whose turn has come, and returns the function that closing time calls. */
export type Accepted = (socket: Socket) => () => void

/** Resolves when the server listens; rejects with Node's error if it can't. */
export async function listen(
  options: ServeOptions,
  supervisor: Supervisor,
  accepted: Accepted,
): Promise<CallbackServer> {
  const server = new CallbackServer(options, supervisor, accepted)
  await server.listen()
  return server
}

export class CallbackServer {
  readonly #options: ServeOptions
  readonly #supervisor: Supervisor
  readonly #accepted: Accepted
  readonly #server: Server
  readonly #admission: Admission
  /** For each open connection, the function that closing time calls. */
  readonly #closers = new Map<Socket, () => void>()
  readonly #closed = sharedListener((socket: Socket) => this.#end(socket))
  #isClosed = false
  /** Resolves when the listener and the last connection are closed. */
  readonly ended: Promise<void>
  #allEnded = () => {}

  constructor(options: ServeOptions, supervisor: Supervisor, accepted: Accepted) {
    this.#options = options
    this.#supervisor = supervisor
    this.#accepted = accepted
    this.ended = new Promise((resolve) => {
      this.#allEnded = resolve
    })
    const rules = {
      places: supervisor.places,
      tls: options.tls,
      handshakeTimeout: options.idleTimeout,
    }
    const turnedAway = (peer: Address, error?: Error) => supervisor.turnedAway(peer, error)
    this.#admission = new Admission(rules, (socket) => this.#start(socket), turnedAway)
    const settings = { allowHalfOpen: true, noDelay: true, pauseOnConnect: true }
    this.#server = createServer(
      { ...settings, highWaterMark: options.highWater },
      // #region accept
      (socket) => this.#admission.enter(socket),
      // #endregion accept
    )
  }

  get address(): Address {
    return serverAddress(this.#server)
  }

  async listen(): Promise<void> {
    const { address, backlog } = this.#options
    this.#server.listen({ host: address.address, port: address.port, backlog })
    await once(this.#server, 'listening')
    // The system could not let one client in: no reason for a server to end.
    this.#server.on('error', (error) => writeLine(error.message))
    // Node may say so before the `close` of the last connection has come.
    this.#server.on('close', () => {
      this.#isClosed = true
      this.#endWhenEmpty()
    })
  }

  // #region stop
  closeAll(): void {
    this.#server.close()
    this.#admission.close()
    for (const close of this.#closers.values()) close()
  }
  // #endregion stop

  // #region start
  #start(socket: Socket): void {
    this.#closers.set(socket, this.#accepted(socket))
    this.#supervisor.connected(peerAddress(socket))
    closeWhenIdle(socket, this.#options.idleTimeout)
    socket.on('error', ignored)
    socket.on('close', this.#closed)
    socket.resume() // It came paused, in case it had to wait for its turn.
  }

  #end(socket: Socket): void {
    this.#closers.delete(socket)
    this.#supervisor.disconnected(peerAddress(socket), socket.errored ?? undefined)
    this.#endWhenEmpty()
  }
  // #endregion start

  #endWhenEmpty(): void {
    if (this.#isClosed && this.#closers.size === 0) this.#allEnded()
  }
}

// #region end
/** Sends our FIN after all that is owed, and waits `patience` ms at most for the client's. */
export function endWithin(socket: Socket, patience: number): void {
  socket.end(() => {
    const timer = setTimeout(() => socket.destroy(), patience)
    socket.once('close', () => clearTimeout(timer))
  })
}
// #endregion end

// #region idle
/** Node only says that nothing came or went for `idleTimeout` ms; Infinity is never. */
function closeWhenIdle(socket: Socket, idleTimeout: number): void {
  if (idleTimeout === Number.POSITIVE_INFINITY) return
  socket.setTimeout(idleTimeout, () => socket.destroy())
}
// #endregion idle
