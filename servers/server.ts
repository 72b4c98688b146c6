/**
 * What every model is given and what it must do: the seam between an architecture and the `serve`
 * command.
 */

import type { Address, Backend, Posix } from './posix/api.ts'
import type { Faults } from './posix/faults.ts'
import type { PollerName } from './posix/poller.ts'
import type { ProtocolName } from './protocol/protocols.ts'
import type { Places } from './support/places.ts'
import type { ReportShare } from './support/report.ts'

export const REACTORS = ['poll', 'epoll', 'node'] as const
export type ReactorName = (typeof REACTORS)[number]

/** The default of `--threads`. Apache's threaded worker has 25 in each process, Tomcat 200. */
export const THREADS = 64

/** The flags of `serve`, checked and complete. Plain data: it crosses into the model's Worker. */
export interface ServeOptions {
  /** Where to listen; port 0 is any free one. */
  readonly address: Address
  readonly protocol: ProtocolName
  /** Bytes, newline not counted. */
  readonly maxLine: number
  readonly io: Backend | 'node'
  readonly poller: PollerName
  readonly reactor: ReactorName
  readonly backlog: number
  readonly maxConnections: number
  /**
   * Milliseconds without a byte in or out, after which a connection is closed; Infinity is never.
   */
  readonly idleTimeout: number
  /** Bytes of replies that may wait for a peer before the server stops reading from it. */
  readonly highWater: number
  /** Speak TLS, with this certificate and key. Only for models whose `takes` has `tls`. */
  readonly tls: TlsIdentity | undefined
  /** Faults that the socket layer makes, or that Node's sockets have; undefined for none. */
  readonly faults: Faults | undefined
  /** Record what the server does; undefined for not. */
  readonly trace: TraceSettings | undefined
  /** The most connection threads; for the model `threads`. */
  readonly threads: number
  /** Processes; for `cluster`. */
  readonly workers: number
}

/** A certificate (its chain too, if there is one) and its private key, as PEM text. */
export interface TlsIdentity {
  readonly cert: string
  readonly key: string
}

/** See servers/trace/. */
export interface TraceSettings {
  /** An absolute path. All threads and processes of the server append to this file. */
  readonly file: string
  /** How many events each of its threads may write. What comes after that is only counted. */
  readonly events: number
}

/** How a model on Node's event loop is closed. */
export interface Stop {
  /** Accepts no more clients, and leads the connections that are open to their end. */
  readonly stop: () => void
  /** Only accepts no more clients: all workers of a cluster do this before the first one stops. */
  readonly shut?: () => void
}

/** What a server tells about its clients, on whichever of its threads. */
export interface Reporter {
  /** A client has been accepted. */
  connected(peer: Address): void

  /** Its connection is closed. `error` says why, unless the two sides have ended it in order. */
  disconnected(peer: Address, error?: unknown): void

  /** It has left without being served: its TLS handshake has failed. */
  turnedAway(peer: Address, error?: unknown): void

  /** What a Report on another thread of the server is made of. */
  share(): ReportShare

  /** True from the moment at which the server has to close. */
  readonly closing: boolean
}

/** What a model tells the supervisor; it is the same on the main thread and in a Worker. */
export interface Supervisor extends Reporter {
  /**
   * The server is ready. When closing time comes, a model on the main thread has its `stop` called;
   * a model that blocks has its `listener` shut down, which wakes it from `accept` with EINVAL and
   * from `poll` with POLLHUP.
   */
  listening(address: Address, closing: { listener: number } | Stop): void

  /** Where a client gets its place; for models on Node's event loop, which accept before they ask. */
  readonly places: Places
}

/**
 * Serves until closing time, and resolves when the last connection and every descriptor is closed.
 * Rejects if it can't start.
 *
 * @param posix the socket layer, for models that run on it
 */
export type Serve = (options: ServeOptions, supervisor: Supervisor, posix: Posix) => Promise<void>
