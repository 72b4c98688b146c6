import type { Address } from '../../servers/posix/api.ts'
import type { Protocol } from '../due-reply.ts'
import type { Exit } from '../launcher.ts'
import type { PromiseNumber } from './promises.ts'

/** A server that listens. */
export interface Server {
  readonly address: Address
  /** Its process; undefined if it runs elsewhere, so that it can't be looked at. */
  readonly pid: number | undefined
}

/** A server that was started for a case, and that the case may end. */
export interface OwnServer extends Server, AsyncDisposable {
  readonly pid: number
  readonly exited: Promise<Exit>
  signal(name: NodeJS.Signals): void
}

/** Which promise a case is about, and what it needs. */
export interface Topic {
  readonly promise: PromiseNumber
  readonly needs?: readonly Need[]
}

/**
 * `concurrency`: several clients are served at a time. `own server`: one that is started for this
 * case alone. `process`: the server's process can be looked at, on Linux. `crowd`: thousands of
 * clients are served at a time, which takes some seconds.
 */
export type Need = 'concurrency' | 'own server' | 'process' | 'crowd'

/** What a case may ask of a server that is started for it. */
export interface Settings {
  readonly maxConnections?: number
  /** Seconds. */
  readonly idleTimeout?: number
  /** Seconds. */
  readonly grace?: number
  /** The hard limit of descriptors for its process: `ulimit -n`. */
  readonly descriptors?: number
  /** A handler that computes for 20 ms at a line that says ` burn 20 `, and echoes lines. */
  readonly computes?: boolean
  /** A fixed port; any free one otherwise. */
  readonly port?: number
}

/** How long a server may be silent, in milliseconds, if the user doesn't say it. */
export const PATIENCE = 10_000

/** The server that is checked, and how further ones are started. */
export interface Subject {
  readonly protocol: Protocol
  /** A server that is asked for bytes and sends none for this time, in milliseconds, has stalled. */
  readonly patience: number
  /** Why it can't be tried, by the server's nature; undefined if it can. */
  exception(topic: Topic): string | undefined
  /** It serves several clients at a time, or should. */
  readonly isConcurrent: boolean
  /** The server that all cases talk to which need none of their own. */
  readonly shared: Server
  /**
   * Starts a further server. Throws CannotTell if that is impossible, or a setting has no flag;
   * rejects with a LaunchError if the server ends before it is ready.
   */
  start(settings?: Settings): Promise<OwnServer>
}
