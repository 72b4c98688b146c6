import type { Socket } from 'node:net'

/**
 * A limit of connections for a server on node:net, which accepts whoever comes and can't be told to
 * stop. Who is above the limit waits here, accepted but unread, and starts in turn as others leave.
 * The sockets must come paused (`pauseOnConnect`).
 */
export class Admission {
  readonly #limit: number
  readonly #start: (socket: Socket) => void
  readonly #waiting = new Set<Socket>()
  #inside = 0

  /** @param start is called with each socket when its turn comes; resume it there */
  constructor(limit: number, start: (socket: Socket) => void) {
    this.#limit = limit
    this.#start = start
  }

  /** A client has been accepted. */
  enter(socket: Socket): void {
    socket.once('close', () => this.#leave(socket))
    if (this.#inside < this.#limit) this.#admit(socket)
    else this.#waiting.add(socket)
  }

  /** Closing time: who still waits is turned away. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy()
  }

  #admit(socket: Socket): void {
    this.#inside += 1
    this.#start(socket)
  }

  #leave(socket: Socket): void {
    if (this.#waiting.delete(socket)) return
    this.#inside -= 1
    const [next] = this.#waiting
    if (next) {
      this.#waiting.delete(next)
      this.#admit(next)
    }
  }
}
