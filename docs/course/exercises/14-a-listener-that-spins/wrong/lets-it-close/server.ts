/** An echo server on asyncore. What does it do when no descriptor is left? */
import { Dispatcher } from '#servers/04-asyncore/dispatcher.ts'
import { DispatcherWithSend } from '#servers/04-asyncore/dispatcher-with-send.ts'
import { loop, SocketMap } from '#servers/04-asyncore/loop.ts'
import type { Address } from '#servers/posix/api.ts'
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
  constructor(map: SocketMap) {
    super(map)
    this.createSocket()
    this.setReuseAddr()
    this.bind(address)
    this.listen(100)
  }

  override handleAccepted(socket: number, _peer: Address): void {
    new EchoHandler(this.map, socket)
  }

  override handleError(error: unknown): void {
    // Nothing can be done about it here. The library knows how an error is handled.
    super.handleError(error)
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
new EchoServer(map)
loop(30, map)
