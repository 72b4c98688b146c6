/** An echo server on asyncore. When no descriptor is left, its listener rests. */
import { Dispatcher } from '#servers/04-asyncore/dispatcher.ts'
import { DispatcherWithSend } from '#servers/04-asyncore/dispatcher-with-send.ts'
import { loop, SocketMap } from '#servers/04-asyncore/loop.ts'
import { type Address, EXHAUSTED, isSystemError } from '#servers/posix/api.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
/** Milliseconds for which no client is accepted after descriptors have run out. */
const REST = 100

class EchoHandler extends DispatcherWithSend {
  override handleRead(): void {
    this.send(this.recv(65536))
  }

  override handleClose(): void {
    this.close()
  }
}

class EchoServer extends Dispatcher {
  isFull = false

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

  override readable(): boolean {
    return !this.isFull
  }

  override handleAccept(): void {
    try {
      super.handleAccept()
    } catch (error) {
      // The client stays in the backlog of the kernel, and the listener stays open.
      if (!isSystemError(error, ...EXHAUSTED)) throw error
      this.isFull = true
    }
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
const server = new EchoServer(map)
while (map.size > 0) {
  const wasFull = server.isFull
  loop(wasFull ? REST / 1000 : Number.POSITIVE_INFINITY, map, 1)
  // Something has happened, or REST has passed: there may be room again.
  if (wasFull) server.isFull = false
}
