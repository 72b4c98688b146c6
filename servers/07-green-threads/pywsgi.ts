/**
 * What does a web server add to a TCP server? It reads requests, gives each to an application, and
 * sends what that returns: wsgi.ts says how the two talk.
 *
 * The files beside this one, in the order in which a request meets them:
 *
 *     wsgi-connection.ts   one request after the other
 *     wsgi-wire.ts         what HTTP needs of a socket: time limits, and how to end
 *     wsgi-environ.ts      the request as a dictionary
 *     wsgi-input.ts        its body, as it comes
 *     wsgi-body.ts         the application, and what it returns
 *     wsgi-response.ts     how the client finds the end of the response
 *     wsgi-fields.ts       what may stand in its head
 */
import type { Server } from 'node:net'
import { stderr } from 'node:process'
import { MAX_BODY } from '../protocol/http-parser.ts'
import type { Green } from './hub.ts'
import type { ListenAddress, Listener } from './listener.ts'
import { checkCount, checkSeconds } from './numbers.ts'
import { StreamServer, type StreamServerOptions } from './server.ts'
import type { GreenSocket } from './socket.ts'
import type { Application, ErrorStream } from './wsgi.ts'
import { Connection, type Entry, type Limits, type Site } from './wsgi-connection.ts'
import type { Surroundings } from './wsgi-environ.ts'

/** The limits have defaults; so has the rest. */
export interface WSGIServerOptions extends StreamServerOptions, Partial<Limits> {
  /** Is given a line for each request, or true for stderr. Without it, nothing is logged. */
  readonly log?: boolean | ((line: string) => void)
  /** Is given what applications write to `wsgi.errors`. Without it, stderr is. */
  readonly errorLog?: (text: string) => void
}

/** Head and body as in nginx and Node, the idle time as nginx's `keepalive_timeout`. */
const LIMITS: Limits = { headTime: 60, idleTime: 75, bodyTime: 300, maxBody: MAX_BODY }

/**
 * An HTTP server that runs a WSGI application, in a greenlet for each connection. Modelled on
 * gevent.pywsgi.WSGIServer.
 *
 *     const server = new WSGIServer(['127.0.0.1', 8000], application)
 *     yield* server.serveForever()
 */
export class WSGIServer extends StreamServer {
  readonly #site: Site
  readonly #errors: ErrorStream
  readonly #connections = new Set<Connection>()

  constructor(
    listener: ListenAddress | Listener | Server,
    application: Application,
    options: WSGIServerOptions = {},
  ) {
    if (options.spawn === 'none') throw new TypeError('a connection of HTTP needs a greenlet')
    super(listener, (socket) => this.#serve(socket as GreenSocket), options)
    this.#site = { application, limits: limitsOf(options), log: logOf(options), isStopping: false }
    this.#errors = errorStream(options.errorLog ?? ((text) => stderr.write(text)))
  }

  override *start(): Green<void> {
    this.#site.isStopping = false
    yield* super.start()
  }

  /**
   * Closes the server. Connections that wait for a request end at once. Requests that are being
   * answered have `timeout` seconds to end; then, if they run in a pool, they are killed.
   */
  override stop(timeout: number | null = this.stopTimeout): Green<boolean> {
    this.#site.isStopping = true
    const stopping = super.stop(timeout)
    for (const connection of this.#connections) connection.finish()
    return stopping
  }

  *#serve(socket: GreenSocket): Green<void> {
    const connection = new Connection(socket, this.#site, this.#around(socket))
    this.#connections.add(connection)
    try {
      yield* connection.serve()
    } finally {
      this.#connections.delete(connection)
    }
  }

  #around(socket: GreenSocket): Surroundings {
    const own = socket.getsockname()
    const peer = socket.getpeername()
    return {
      scheme: this.sslEnabled ? 'https' : 'http',
      serverName: own.address,
      serverPort: String(own.port),
      peerName: peer.address,
      peerPort: String(peer.port),
      errors: this.#errors,
    }
  }
}

function limitsOf(options: WSGIServerOptions): Limits {
  const limits: Limits = { ...LIMITS, ...options }
  const { headTime, idleTime, bodyTime, maxBody } = limits
  for (const seconds of [headTime, idleTime, bodyTime]) {
    checkSeconds(seconds)
    if (seconds <= 0) throw new RangeError(`a limit of ${seconds} seconds`)
  }
  if (maxBody !== Number.POSITIVE_INFINITY) checkCount(maxBody, 0, 'bytes of a body')
  return { headTime, idleTime, bodyTime, maxBody }
}

function logOf({ log }: WSGIServerOptions): Site['log'] {
  if (!log) return undefined
  const write = log === true ? (line: string) => stderr.write(`${line}\n`) : log
  return (entry) => write(format(entry))
}

/** The Common Log Format of Apache, and at its end the seconds that it took, as in gevent. */
function format({ peerName, request, status, sent, seconds }: Entry): string {
  const { method, path, version } = request
  const line = `"${method} ${path} ${version}" ${status.slice(0, 3) || '-'} ${sent || '-'}`
  return `${peerName} - - [${logTime(new Date())}] ${line} ${seconds.toFixed(6)}`
}

/** Such as 28/Nov/2026:18:47:39 +0000. */
function logTime(now: Date): string {
  const [, day, month, year, time] = now.toUTCString().split(' ')
  return `${day}/${month}/${year}:${time} +0000`
}

function errorStream(write: (text: string) => void): ErrorStream {
  return {
    write,
    writelines(lines) {
      for (const line of lines) write(line)
    },
    flush() {},
  }
}
