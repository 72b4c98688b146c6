import { Fault } from './page.ts'
import type { Socket } from './socket.ts'

/** 0, 1 and 2 are the standard streams, here too. */
const FIRST = 3

/**
 * The descriptor table of the process: which number stands for which socket. A new descriptor is
 * the lowest number that is free, as open(2) promises, so that numbers are soon used again.
 */
export class DescriptorTable {
  readonly #limit: number
  readonly #sockets: (Socket | undefined)[] = []
  /** No number below this one is free. */
  #lowest = FIRST

  /** @param limit all descriptors are below it: RLIMIT_NOFILE of getrlimit(2) */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** The number that the next socket gets; throws EMFILE if none is free. */
  reserve(): number {
    while (this.#sockets[this.#lowest]) this.#lowest += 1
    if (this.#lowest >= this.#limit) throw new Fault('EMFILE')
    return this.#lowest
  }

  add(socket: Socket): number {
    const fd = this.reserve()
    this.#sockets[fd] = socket
    return fd
  }

  find(fd: number): Socket | undefined {
    return this.#sockets[fd]
  }

  /** Frees the number and returns what it stood for. */
  remove(fd: number): Socket | undefined {
    const socket = this.#sockets[fd]
    this.#sockets[fd] = undefined
    if (socket && fd < this.#lowest) this.#lowest = fd
    return socket
  }

  /** All open sockets. */
  *all(): Generator<Socket> {
    for (const socket of this.#sockets) if (socket) yield socket
  }
}
