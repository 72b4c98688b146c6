/**
 * What a descriptor of the kernel thread stands for. As in a real kernel, a new socket is neither a
 * listener nor a connection, and becomes one of them:
 *
 *     fresh ── listen ──▸ binding ──▸ listening ── shutdown ──▸ fresh
 *     fresh ── connect ─▸ connecting ──▸ connected             any of them ── close ──▸ closed
 *                         connecting ── refused ──▸ fresh
 *
 * A method returns null if the caller has to wait, and throws a Fault if the call is refused.
 *
 * node:net binds and listens in one step. So `bind` only stores the address, and `listen` reports
 * what is wrong with it; the port that 0 stands for is known from then on. (libuv, too, keeps back
 * the EADDRINUSE of bind until listen.) libuv sets SO_REUSEADDR on every listener, asked or not.
 *
 * Node accepts as soon as it can and can't be told to stop. So the accept queue is here, and has no
 * limit: a connection above the backlog waits in it too, and holds a descriptor of the process.
 * Linux would leave that client without an answer, and it would try again until there is room.
 */
import { createConnection, createServer, type Socket as NodeSocket, type Server } from 'node:net'
import {
  type Address,
  type Family,
  POLLHUP,
  POLLIN,
  POLLOUT,
  SHUT_WR,
  type SocketOption,
} from '../api.ts'
import { toHost } from './address.ts'
import { KernelSocket, type Shared } from './kernel-socket.ts'
import { LISTENING } from './layout.ts'
import { Fault } from './page.ts'
import { type Owner, Stream } from './stream.ts'

type State = 'fresh' | 'binding' | 'listening' | 'connecting' | 'connected' | 'closed'

/** SO_RCVBUF and SO_SNDBUF are the limits of a connection's two queues, in bytes. */
const DEFAULTS: Record<SocketOption, number> = {
  SO_REUSEADDR: 1,
  /** Less than 0: not set. */
  SO_LINGER: -1,
  SO_RCVBUF: 65536,
  SO_SNDBUF: 65536,
  SO_RCVTIMEO: 0,
  SO_SNDTIMEO: 0,
  TCP_NODELAY: 0,
  IPV6_V6ONLY: 0,
}

/**
 * A smaller buffer is made this large, as on Linux, see socket(7): nothing would pass through a
 * buffer of 0 bytes.
 */
const LEAST_BUFFER = 2048
/** A larger one is made this small, as with net.core.rmem_max: it has to fit into a slab. */
const MOST_BUFFER = 4 * 2 ** 20

/** A caller that may be asleep in a call on a socket. */
export interface Waiter {
  wake(): void
}

export class Socket implements Owner {
  readonly family: Family
  readonly options: Record<SocketOption, number>
  /** Calls on this socket don't wait. */
  readonly nonblocking: boolean
  /** A waiter that is woken tries its call again, so waking one too many does no harm. */
  readonly waiters = new Set<Waiter>()
  #state: State = 'fresh'
  readonly #kernel: Shared
  readonly #shared: KernelSocket
  #bound: Address | undefined
  #server: Server | undefined
  /** The accept queue. Node reads nothing from these yet: what they send waits in the host. */
  readonly #queue: NodeSocket[] = []
  #stream: Stream | undefined

  constructor(
    kernel: Shared,
    fd: number,
    family: Family,
    nonblocking: boolean,
    options = DEFAULTS,
  ) {
    this.family = family
    this.options = { ...options }
    this.nonblocking = nonblocking
    this.#kernel = kernel
    this.#shared = new KernelSocket(kernel, fd)
    this.#shared.open(nonblocking)
    this.#tellOptions()
    this.#changed()
  }

  setOption(option: SocketOption, value: number): void {
    if (!(value >= 0)) throw new Fault('EINVAL')
    const isBuffer = option === 'SO_RCVBUF' || option === 'SO_SNDBUF'
    this.options[option] = isBuffer ? clamp(value, LEAST_BUFFER, MOST_BUFFER) : value
    if (option === 'TCP_NODELAY') this.#stream?.setNoDelay(value !== 0)
    this.#tellOptions()
  }

  /** How long a call waits that SO_RCVTIMEO or SO_SNDTIMEO limits: milliseconds, -1 for ever. */
  patience(option: 'SO_RCVTIMEO' | 'SO_SNDTIMEO'): number {
    if (this.nonblocking) return 0
    return this.options[option] === 0 ? -1 : Math.ceil(this.options[option] * 1000)
  }

  bind(address: Address): void {
    if (address.family !== this.family) throw new Fault('EAFNOSUPPORT')
    if (this.#state !== 'fresh' || this.#bound) throw new Fault('EINVAL')
    this.#bound = address
  }

  listen(backlog: number): 0 | null {
    if (this.#state === 'listening') return 0
    if (this.#state === 'binding') return null
    this.#throwError()
    if (this.#state !== 'fresh') throw new Fault('EINVAL')
    this.#state = 'binding'
    const noDelay = this.options.TCP_NODELAY !== 0
    const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay }
    const server = createServer(options, (node) => this.#arrived(node))
    server.on('error', (error: NodeJS.ErrnoException) => this.failed(-error.errno!))
    const { address, port } = this.local
    const host = toHost(address)
    const ipv6Only = this.options.IPV6_V6ONLY !== 0
    server.listen({ host, port, backlog, ipv6Only, exclusive: true }, () => this.#listening())
    this.#server = server
    return null
  }

  /** The connection that has waited longest; null if none waits. */
  accept(fd: number, nonblocking: boolean): Socket | null {
    if (this.#state !== 'listening') throw new Fault('EINVAL')
    this.#throwError()
    const node = this.#queue.shift()
    if (!node) return null
    this.#changed()
    const socket = new Socket(this.#kernel, fd, this.family, nonblocking, this.options)
    socket.#state = 'connected'
    socket.#shared.connect()
    socket.#stream = new Stream(node, socket, socket.#shared)
    node.resume()
    return socket
  }

  /** Starts to connect; `connection` tells how it goes. */
  connect({ family, address, port }: Address): void {
    this.#throwError()
    if (this.#state === 'connecting') throw new Fault('EALREADY')
    if (this.#state !== 'fresh') throw new Fault('EISCONN')
    if (family !== this.family) throw new Fault('EAFNOSUPPORT')
    const noDelay = this.options.TCP_NODELAY !== 0
    const node = createConnection({
      host: toHost(address),
      port,
      ...(this.#bound && {
        localAddress: toHost(this.#bound.address),
        localPort: this.#bound.port,
      }),
      allowHalfOpen: true,
      noDelay,
    })
    this.#state = 'connecting'
    this.#stream = new Stream(node, this, this.#shared)
    this.#changed()
  }

  /** How connecting stands: 0 if it is done, null if it goes on; throws if it has failed. */
  get connection(): 0 | null {
    this.#throwError()
    return this.#state === 'connecting' ? null : 0
  }

  /** Does for recv what only the kernel can; returns false if the caller has to wait for it. */
  helpToReceive(): boolean {
    if (this.#state === 'connecting') return false
    this.#connected('ENOTCONN').refill()
    return true
  }

  /** Does for a send of so many bytes what only the kernel can; false if the caller has to wait. */
  helpToSend(bytes: number): boolean {
    if (this.#state === 'connecting') return false
    this.#connected('EPIPE')
    this.#shared.makeRoom(bytes)
    return true
  }

  /** A program thread has marked this socket: see doorbell.ts. */
  serve(): void {
    if (this.#state !== 'connected') return
    this.#stream!.refill()
    this.#stream!.flush()
  }

  shutdown(how: number): void {
    if (this.#state !== 'listening') this.#connected('ENOTCONN').shutdown(how)
    else if (how !== SHUT_WR) this.#stopListening()
  }

  close(): void {
    if (this.#state === 'listening') this.#stopListening()
    this.#state = 'closed'
    this.#stream?.close(this.options.SO_LINGER === 0)
    this.#shared.close()
    this.#wake()
  }

  get local(): Address {
    const any = { family: this.family, address: this.family === 'IPv4' ? '0.0.0.0' : '::', port: 0 }
    return this.#stream?.local ?? this.#bound ?? any
  }

  get peer(): Address {
    const peer = this.#connected('ENOTCONN').peer
    if (!peer) throw new Fault('ENOTCONN')
    return peer
  }

  takeError(): number {
    const error = this.#shared.takeError()
    if (error !== 0) this.#changed()
    return error
  }

  connected(): void {
    if (this.#state !== 'connecting') return
    this.#state = 'connected'
    this.#shared.connect()
    this.#wake()
  }

  failed(errno: number): void {
    if (this.#state === 'closed') return
    if (this.#state === 'binding' || this.#state === 'connecting') {
      this.#state = 'fresh'
      this.#stream = undefined
    }
    this.#shared.fail(errno, 0, this.#events)
    this.#changed()
  }

  #listening(): void {
    const { port } = this.#server!.address() as { port: number }
    this.#bound = { ...this.local, port }
    this.#state = 'listening'
    this.#changed()
  }

  #arrived(node: NodeSocket): void {
    // A connection without a peer has been reset already.
    if (node.remoteAddress === undefined) {
      node.resetAndDestroy()
      return
    }
    // Until it is accepted, an error is nobody's: see Stream.
    node.on('error', () => {})
    // Only when all events of this round are in: a program that owns both ends must find its client
    // connected before it can accept, and perhaps reset, the other end, as with a real kernel.
    if (this.#queue.push(node) === 1) setImmediate(() => this.#changed())
  }

  /** Connections in the accept queue get a reset, as from Linux. */
  #stopListening(): void {
    this.#state = 'fresh'
    this.#server!.close()
    for (const node of this.#queue.splice(0)) node.resetAndDestroy()
    this.#changed()
  }

  /** Something has happened that a caller may wait for. A connection tells its events by itself. */
  #changed(): void {
    if (this.#state !== 'closed') this.#shared.present(this.#events)
    this.#wake()
  }

  #wake(): void {
    for (const waiter of this.waiters) waiter.wake()
    this.waiters.clear()
  }

  /** The events of poll(2) of what is not a connection; an error is told besides. */
  get #events(): number {
    if (this.#state === 'connecting') return 0
    if (this.#state !== 'listening') return POLLOUT | POLLHUP
    return LISTENING | (this.#queue.length > 0 || this.#shared.hasFailed ? POLLIN : 0)
  }

  #tellOptions(): void {
    const { SO_RCVTIMEO, SO_SNDTIMEO, SO_RCVBUF, SO_SNDBUF } = this.options
    const [receive, send] = [Math.ceil(SO_RCVTIMEO * 1000), Math.ceil(SO_SNDTIMEO * 1000)]
    this.#shared.limit(receive, send, SO_RCVBUF, SO_SNDBUF)
  }

  #connected(fault: 'ENOTCONN' | 'EPIPE'): Stream {
    if (this.#state === 'closed') throw new Fault('EBADF')
    if (this.#state !== 'connected') throw new Fault(fault)
    return this.#stream!
  }

  #throwError(): void {
    const error = this.takeError()
    if (error !== 0) throw new Fault(error)
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
