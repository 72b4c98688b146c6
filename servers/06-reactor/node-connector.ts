/** How does a socket of Node's connect? Node looks the host up, connects, and emits an event. */
import { connect, type Socket } from 'node:net'
import { peerAddress } from '../node/addresses.ts'
import { BaseConnector } from './connector.ts'
import { connectError } from './errors.ts'
import type { ClientFactory, Destination, NodeParts } from './interfaces.ts'
import { NodeTransport } from './node-transport.ts'

export class NodeConnector extends BaseConnector {
  readonly #reactor: NodeParts
  #socket: Socket | undefined

  constructor(
    reactor: NodeParts,
    destination: Destination,
    factory: ClientFactory,
    timeout: number,
  ) {
    super(reactor, destination, factory, timeout)
    this.#reactor = reactor
  }

  protected open(): void {
    const how = { allowHalfOpen: true, noDelay: true, autoSelectFamily: false }
    const socket = connect({ ...this.destination, ...how })
    this.#socket = socket
    this.#reactor.track(socket)
    const failed = (error: Error) => {
      if (socket === this.#socket) this.connectionFailed(connectError(error))
    }
    socket.on('error', failed)
    socket.once('connect', () => {
      // From here on the transport handles the errors of the socket.
      socket.off('error', failed)
      this.#connected(socket)
    })
  }

  protected cancel(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.destroy()
  }

  #connected(socket: Socket): void {
    this.#socket = undefined
    this.established(new NodeTransport(this.#reactor, socket, peerAddress(socket)))
  }
}
