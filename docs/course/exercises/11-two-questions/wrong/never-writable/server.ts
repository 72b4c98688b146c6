/** An echo server on asyncore. Before each wait, each handler answers two questions. */
import { Dispatcher } from '#servers/04-asyncore/dispatcher.ts'
import { loop, SocketMap } from '#servers/04-asyncore/loop.ts'
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
import type { Address } from '#servers/posix/api.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
/** A client that is owed this many bytes is not read from. */
const HIGH_WATER = 65536

class EchoHandler extends Dispatcher {
  readonly #waiting = new ByteQueue()

  override readable(): boolean {
    return this.#waiting.length < HIGH_WATER
  }

  /** All is sent as soon as it has come. */
  override writable(): boolean {
    return false
  }

  override handleRead(): void {
    this.#waiting.push(this.recv(65536))
    this.handleWrite()
  }

  override handleWrite(): void {
    this.#waiting.drop(this.send(this.#waiting.peek()))
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
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
new EchoServer(map)
loop(30, map)
