/**
 * Streams to be awaited, after Python's asyncio: a reader and a writer per connection, on node:net.
 * https://docs.python.org/3/library/asyncio-stream.html
 *
 * A reader holds bytes up to its limit and then stops reading from the socket; a writer refuses
 * nothing, and `drain` is where a well-behaved handler waits while too much is unsent. A handler
 * that awaits `drain` before it reads again has back pressure, and needs nothing else for it.
 *
 * Where it differs: the end of a handler closes its connection (asyncio: leaves it open, for the
 * handler to close), and its failure destroys it (asyncio: logs it too; catch it in the handler if
 * you want to hear of it); `places` is new.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { serverAddress } from '../node/addresses.ts'
import { Admission } from '../node/admission.ts'
import type { Address } from '../posix/api.ts'
import type { TlsIdentity } from '../server.ts'
import { LocalPlaces, type Places } from '../support/places.ts'
import { StreamReader } from './stream-reader.ts'
import { checkMilliseconds, StreamWriter } from './stream-writer.ts'

export type StreamHandler = (reader: StreamReader, writer: StreamWriter) => Promise<void>

export interface StreamServerOptions {
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  readonly backlog?: number
  /** Connections handled at a time; more wait, unread. Not in asyncio. */
  readonly places?: Places
  /** Unsent bytes from which on `drain` waits. */
  readonly highWater?: number
  /** Speak TLS; asyncio's `ssl`. */
  readonly tls?: TlsIdentity | undefined
  /** How long a handshake may take, in milliseconds; asyncio's `ssl_handshake_timeout`. */
  readonly handshakeTimeout?: number
  /** Is called for a connection whose handshake has failed. The handler never hears of it. */
  readonly turnedAway?: (peer: Address, error?: Error) => void
}

/**
 * Serves each connection by a call of `handler`. Its end closes the connection, its failure
 * destroys it.
 */
export class StreamServer {
  readonly #server: Server
  readonly #admission: Admission
  readonly #handler: StreamHandler
  #closed: Promise<unknown> = Promise.resolve()
  /** How many handlers run, and who waits until none does. */
  #handling = 0
  #waiting: (() => void)[] = []

  constructor(handler: StreamHandler, options: StreamServerOptions) {
    const { places = new LocalPlaces(Number.POSITIVE_INFINITY), highWater, tls } = options
    const { handshakeTimeout = Number.POSITIVE_INFINITY, turnedAway = () => {} } = options
    checkMilliseconds(handshakeTimeout)
    checkHighWater(highWater)
    const rules = { places, tls, handshakeTimeout }
    this.#handler = handler
    this.#admission = new Admission(rules, (socket) => this.#handle(socket), turnedAway)
    this.#server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        pauseOnConnect: true,
        ...(highWater !== undefined && { highWaterMark: highWater }),
      },
      (socket) => this.#admission.enter(socket),
    )
  }

  /** Resolves once it listens; rejects with Node's error if it can't. */
  async listen({ host, port, backlog = 100 }: StreamServerOptions): Promise<void> {
    this.#server.listen({ host, port, backlog })
    await once(this.#server, 'listening')
    this.#closed = new Promise((resolve) => this.#server.once('close', resolve))
    // The system could not let one client in: no reason for a server to end.
    this.#server.on('error', () => {})
  }

  /** Where it listens. */
  get address(): Address {
    return serverAddress(this.#server)
  }

  /** Accepts no more. Open connections go on. */
  close(): void {
    this.#server.close()
    this.#admission.close()
  }

  /** Resolves when the listener and the last connection are closed and the last handler has ended. */
  async waitClosed(): Promise<void> {
    await this.#closed
    if (this.#handling > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  async #handle(socket: Socket): Promise<void> {
    this.#handling += 1
    const reader = new StreamReader(socket)
    const writer = new StreamWriter(socket)
    // It came paused, in case it had to wait for its turn.
    socket.resume()
    try {
      await this.#handler(reader, writer)
      writer.close()
    } catch (error) {
      socket.destroy(error as Error)
    }
    this.#handling -= 1
    if (this.#handling === 0) for (const resolve of this.#waiting.splice(0)) resolve()
  }
}

/** Node would find out with the first client, and end the process. */
function checkHighWater(bytes = 0): void {
  if (!Number.isInteger(bytes) || bytes < 0)
    throw new RangeError(`highWater is a whole number of bytes, not ${bytes}`)
}

/** asyncio's start_server. */
export async function startServer(
  handler: StreamHandler,
  options: StreamServerOptions,
): Promise<StreamServer> {
  const server = new StreamServer(handler, options)
  await server.listen(options)
  return server
}

/** asyncio's open_connection: rejects with Node's error if the peer can't be reached. */
export async function openConnection(
  host: string,
  port: number,
): Promise<[StreamReader, StreamWriter]> {
  const socket: Socket = connect({ host, port, noDelay: true, allowHalfOpen: true })
  await once(socket, 'connect')
  return [new StreamReader(socket), new StreamWriter(socket)]
}
