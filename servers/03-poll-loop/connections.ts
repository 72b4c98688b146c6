import type { Posix } from '../posix/api.ts'
import { Deadlines } from '../posix/deadlines.ts'
import type { Poller } from '../posix/poller.ts'
import type { Reporter } from '../server.ts'
import type { Connection } from './connection.ts'

/**
 * The open connections, by descriptor. The poller is told of every change of their interest, and a
 * connection that fails ends alone.
 */
export class Connections {
  readonly deadlines = new Deadlines<Connection>()
  readonly #reporter: Reporter
  readonly #posix: Posix
  readonly #poller: Poller
  readonly #byDescriptor = new Map<number, Connection>()

  constructor(reporter: Reporter, posix: Posix, poller: Poller) {
    this.#reporter = reporter
    this.#posix = posix
    this.#poller = poller
  }

  get size(): number {
    return this.#byDescriptor.size
  }

  add(connection: Connection): void {
    this.#byDescriptor.set(connection.fd, connection)
    this.#poller.add(connection.fd, connection.interest)
    this.#reporter.connected(connection.peer)
  }

  /** Hands the events of a descriptor to its connection, unless that has ended in this pass. */
  handle(fd: number, events: number): void {
    const connection = this.#byDescriptor.get(fd)
    if (connection) this.#handle(connection, events)
  }

  // #region stop
  /** Closing time: each connection sends what it owes, and ends. */
  finish(): void {
    for (const connection of this.#byDescriptor.values()) {
      connection.finish()
      this.#handle(connection, 0)
    }
  }
  // #endregion stop

  // #region idle
  closeExpired(): void {
    for (const connection of this.deadlines.expired(this.#byDescriptor.values())) {
      this.#gone(connection)
    }
  }
  // #endregion idle

  #handle(connection: Connection, events: number): void {
    try {
      if (connection.handle(events)) this.#poller.modify(connection.fd, connection.interest)
      else this.#gone(connection)
    } catch (error) {
      this.#gone(connection, error)
    }
  }

  #gone({ fd, peer }: Connection, error?: unknown): void {
    this.#byDescriptor.delete(fd)
    this.#poller.remove(fd)
    this.#posix.close(fd)
    this.#reporter.disconnected(peer, error)
  }
}
