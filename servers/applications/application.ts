/**
 * What is an application to the command that runs it? A function that serves, or does its work, in
 * a green thread, and returns when that is over.
 */
import {
  type Green,
  type GreenSocket,
  type ListenAddress,
  Pool,
} from '../07-green-threads/gevent.ts'
import { call } from '../07-green-threads/greenlet.ts'
import { WSGIServer, type WSGIServerOptions } from '../07-green-threads/pywsgi.ts'
import type { Application } from '../07-green-threads/wsgi.ts'
import type { Address } from '../posix/api.ts'
import type { Reporter } from '../server.ts'

/** The flags of the command, and what an application tells it. */
export interface AppOptions {
  /** Where a server listens. Programs that are no servers don't look at it. */
  readonly where: ListenAddress
  /** For the chat: the URL of what its servers share, such as `redis://127.0.0.1:6379`. */
  readonly bus?: string | undefined
  /** Whether to write a line to stderr for each request. */
  readonly log: boolean
  /** Seconds that requests have, once the server stops, to end by themselves. */
  readonly grace: number
  /** To be called when clients can connect. Closing time calls `stop`. */
  readonly listening: (address: Address, stop: () => void) => void
  /** Is told of each connection: at closing time the command says how many are left. */
  readonly reporter: Pick<Reporter, 'connected' | 'disconnected'>
}

/** Runs until it is stopped, or until its work is done. Every application exports one as `start`. */
export type Start = (options: AppOptions) => Green<void>

/** Each connection has a greenlet, and these are the most at a time: the others wait, unread. */
const CONNECTIONS = 10_000

/** A WSGI server whose connections are counted. */
export class AppServer extends WSGIServer {
  readonly #reporter: AppOptions['reporter']

  constructor(application: Application, options: AppOptions, limits: WSGIServerOptions = {}) {
    const spawn = new Pool(CONNECTIONS)
    super(options.where, application, { spawn, log: options.log, ...limits })
    this.stopTimeout = options.grace
    this.#reporter = options.reporter
  }

  protected override *converse(socket: GreenSocket): Green<void> {
    const peer = socket.getpeername()
    this.#reporter.connected(peer)
    try {
      yield* call(() => super.converse(socket))
    } finally {
      this.#reporter.disconnected(peer)
    }
  }
}

// #region serve
/** Serves a WSGI application: what most of the programs here do. */
export function* serveWsgi(application: Application, options: AppOptions): Green<void> {
  yield* serve(new AppServer(application, options), options)
}

/** Runs a server until it is stopped. */
export function* serve(server: AppServer, options: AppOptions): Green<void> {
  yield* server.start()
  options.listening(server.address, () => server.stop())
  yield* server.serveForever()
}
// #endregion serve
