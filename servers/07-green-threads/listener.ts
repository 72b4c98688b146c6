/**
 * How does a greenlet accept connections, when Node accepts them all by itself? Node's sockets wait
 * in a list until the greenlet asks for one.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { constants } from 'node:os'
import { serverAddress } from '../node/addresses.ts'
import { type Address, SystemError } from '../posix/api.ts'
import { type Green, Waiter } from './hub.ts'
import { checkCount } from './numbers.ts'
import { GreenSocket } from './socket.ts'
import { WaitingLine } from './waiting-line.ts'

/** Where to listen: `[host, port]`, `host:port`, or a port alone, for every interface. */
export type ListenAddress = readonly [host: string, port: number] | string | number

export interface ListenOptions {
  /** The number of connections that may wait in the kernel to be accepted. */
  readonly backlog?: number | undefined
  /** Unsent bytes above which `sendall` waits. In gevent: what the kernel's buffer can hold. */
  readonly highWater?: number | undefined
}

const BACKLOG = 256

/**
 * A listening socket, from which a greenlet accepts one connection after the other.
 *
 * Where it differs: Node accepts by itself and can't be told to stop. In gevent, a client that
 * comes while no greenlet is in `accept` waits in the kernel's backlog. Here it waits in this list,
 * accepted but unread, and has a descriptor.
 */
export class Listener {
  readonly #server: Server
  /** The clients that Node has accepted and no greenlet has asked for yet. */
  readonly #clients: Socket[] = []
  #error: Error | undefined
  readonly #line = new WaitingLine(() => this.#hasNews)

  /** @param server one of Node's that is listening already */
  constructor(server: Server) {
    if (!server.listening) throw new TypeError('the server is not listening yet')
    this.#server = server
    server.on('connection', (client) => {
      this.#clients.push(client)
      this.#line.serve()
    })
    server.on('error', (error) => {
      this.#error = error
      this.#line.serve()
    })
    server.on('close', () => this.#line.serve())
  }

  /** Starts to listen. Throws Node's error if it can't. */
  static *listen(address: ListenAddress, options: ListenOptions = {}): Green<Listener> {
    const { backlog = BACKLOG, highWater } = options
    checkCount(backlog, 0, 'connections in the backlog')
    if (highWater !== undefined) checkCount(highWater, 0, 'unsent bytes')
    const server = createServer({
      allowHalfOpen: true,
      noDelay: true,
      pauseOnConnect: true,
      ...(highWater !== undefined && { highWaterMark: highWater }),
    })
    const waiter = new Waiter<void>()
    server.once('listening', () => waiter.switch())
    server.once('error', (error) => waiter.throw(error))
    server.listen({ ...parseAddress(address), backlog })
    try {
      yield* waiter.get()
      return new Listener(server)
    } catch (error) {
      server.close()
      throw error
    }
  }

  /** Waits for the next connection. Throws what accepting fails with; EBADF after `close`. */
  *accept(): Green<GreenSocket> {
    yield* this.waitAcceptable()
    return new GreenSocket(this.acceptNowait())
  }

  /** Waits until a client can be accepted. Throws what accepting fails with. */
  *waitAcceptable(): Green<void> {
    while (!this.#hasNews) yield* this.#line.wait()
    if (this.#clients.length === 0) throw this.#failure()
  }

  /** The client that has waited longest, as a paused socket of Node's. Throws if none waits. */
  acceptNowait(): Socket {
    const client = this.#clients.shift()
    if (!client) throw this.#failure()
    return client
  }

  /** Where it listens. */
  getsockname(): Address {
    return serverAddress(this.#server)
  }

  /** Stops listening, and closes the connections of the clients that wait. */
  close(): void {
    this.#server.close()
    // Node's own event comes only after the end of the last connection.
    this.#line.serve()
    for (const client of this.#clients.splice(0)) client.destroy()
  }

  get #hasNews(): boolean {
    return this.#clients.length > 0 || this.#error !== undefined || !this.#server.listening
  }

  #failure(): Error {
    const error = this.#error
    this.#error = undefined
    const errno = this.#server.listening ? constants.errno.EAGAIN : constants.errno.EBADF
    return error ?? new SystemError('accept', errno)
  }
}

/** Takes `127.0.0.1:8881`, `[::1]:8881`, `:8881` or `8881`. An empty host means every interface. */
function parseAddress(address: ListenAddress): { host?: string; port: number } {
  if (typeof address === 'number') return { port: address }
  if (typeof address !== 'string')
    return { ...(address[0] && { host: address[0] }), port: address[1] }
  const match = /^(?:(.*):)?(\d+)$/.exec(address)
  if (!match) throw new TypeError(`${address} is no address such as 127.0.0.1:8881`)
  const host = match[1]?.replace(/^\[(.*)\]$/, '$1')
  return { ...(host && { host }), port: Number(match[2]) }
}
