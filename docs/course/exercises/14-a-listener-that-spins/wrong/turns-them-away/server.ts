/** An echo server on asyncore. One descriptor is kept for the time when none is left. */
import { Dispatcher } from '#servers/04-asyncore/dispatcher.ts'
import { DispatcherWithSend } from '#servers/04-asyncore/dispatcher-with-send.ts'
import { loop, SocketMap } from '#servers/04-asyncore/loop.ts'
import { type Address, EXHAUSTED, isSystemError } from '#servers/posix/api.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const

class EchoHandler extends DispatcherWithSend {
  override handleRead(): void {
    this.send(this.recv(65536))
  }

  override handleClose(): void {
    this.close()
  }
}

class EchoServer extends Dispatcher {
  /** A descriptor in reserve. */
  #spare = -1

  constructor(map: SocketMap) {
    super(map)
    this.createSocket()
    this.setReuseAddr()
    this.bind(address)
    this.listen(100)
    this.#spare = map.posix.socket('IPv4', 'nonblocking')
  }

  override handleAccepted(socket: number, _peer: Address): void {
    new EchoHandler(this.map, socket)
  }

  override handleError(error: unknown): void {
    if (isSystemError(error, ...EXHAUSTED)) this.#turnAway()
    else super.handleError(error)
  }

  /** With the spare descriptor the client is accepted and closed: nobody waits then. */
  #turnAway(): void {
    this.map.posix.close(this.#spare)
    const accepted = this.accept()
    if (accepted) this.map.posix.close(accepted.fd)
    this.#spare = this.map.posix.socket('IPv4', 'nonblocking')
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
new EchoServer(map)
loop(30, map)
