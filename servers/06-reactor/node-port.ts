/**
 * How does a port pause when Node accepts every client as soon as it can? It can't pause Node:
 * while the port is paused, new clients are accepted but not read from, each with a descriptor, and
 * get their protocol when the port goes on. When descriptors run out, libuv closes the clients in
 * excess by means of a descriptor in reserve, as PosixPort does.
 */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { peerAddress, serverAddress } from '../node/addresses.ts'
import { ignored } from '../node/shared-listener.ts'
import type { Address } from '../posix/api.ts'
import { CannotListenError, ConnectionDone } from './errors.ts'
import type { ListeningPort, NodeParts } from './interfaces.ts'
import { log } from './log.ts'
import { NodeTransport } from './node-transport.ts'
import { listenAddress, type PortOptions } from './port-options.ts'

export class NodePort implements ListeningPort {
  readonly #reactor: NodeParts
  readonly #options: PortOptions
  #server: Server | undefined
  #isStopping = false
  #isPaused = false
  readonly #waiting: Socket[] = []

  constructor(reactor: NodeParts, options: PortOptions) {
    this.#reactor = reactor
    this.#options = options
  }

  async startListening(): Promise<void> {
    if (this.#server) throw new CannotListenError(new Error('it listens already'))
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true })
    this.#server = server
    try {
      const { address: host, port } = listenAddress(this.#options)
      server.listen({ host, port, backlog: this.#options.backlog })
      await once(server, 'listening')
    } catch (error) {
      this.#server = undefined
      throw new CannotListenError(error)
    }
    this.#isStopping = false
    server.on('connection', (socket) => this.#accept(socket))
    server.on('error', log.err)
    this.#reactor.track(server)
    this.#reactor.opened(this)
    this.#options.factory.doStart()
  }

  stopListening(): void {
    if (!this.#server?.listening || this.#isStopping) return
    this.#isStopping = true
    this.#reactor.callLater(0, () => this.connectionLost(new ConnectionDone()))
  }

  getHost(): Address {
    if (!this.#server) throw new Error('a port that is closed has no address')
    return serverAddress(this.#server)
  }

  pauseProducing(): void {
    this.#isPaused = true
  }

  resumeProducing(): void {
    this.#isPaused = false
    // In the next pass, since this may be inside a callback of another connection.
    if (this.#waiting.length > 0) this.#reactor.callFromThread(() => this.#serveWaiting())
  }

  connectionLost(_reason: Error): void {
    if (!this.#server) return
    this.#server.close()
    this.#server = undefined
    for (const socket of this.#waiting.splice(0)) socket.destroy()
    this.#reactor.closed(this)
    log.guard(() => this.#options.factory.doStop())
  }

  #accept(socket: Socket): void {
    this.#reactor.track(socket)
    // A socket that is reset while it waits is destroyed, which `#serve` notices.
    socket.on('error', ignored)
    if (this.#isPaused || this.#waiting.length > 0) this.#waiting.push(socket)
    else this.#serve(socket)
  }

  #serveWaiting(): void {
    while (!this.#isPaused && this.#waiting.length > 0) this.#serve(this.#waiting.shift()!)
  }

  #serve(socket: Socket): void {
    if (socket.remoteAddress === undefined || this.#isStopping || !this.#server) {
      socket.destroy()
      return
    }
    const peer = peerAddress(socket)
    const protocol = log.guard(() => this.#options.factory.buildProtocol(peer))
    if (protocol) new NodeTransport(this.#reactor, socket, peer).begin(protocol)
    else socket.destroy()
  }
}
