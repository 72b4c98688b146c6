/** An echo server on asynchat. It collects a line until its end. What if none comes? */
import { Dispatcher } from '#servers/04-asyncore/dispatcher.ts'
import { loop, SocketMap } from '#servers/04-asyncore/loop.ts'
import { AsyncChat } from '#servers/05-asynchat/async-chat.ts'
import { ByteQueue } from '#servers/bytes/byte-queue.ts'
import type { Address } from '#servers/posix/api.ts'
import { openPosix } from '#servers/posix/open.ts'
import { PollPoller } from '#servers/posix/poller.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const NEWLINE = Buffer.from('\n')

class EchoHandler extends AsyncChat {
  /** The line so far. */
  readonly #line = new ByteQueue()

  override collectIncomingData(data: Uint8Array): void {
    this.#line.push(data)
  }

  override foundTerminator(): void {
    this.#line.push(NEWLINE)
    this.push(this.#line.peek())
    this.#line.clear()
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
    new EchoHandler(this.map, socket).setTerminator(NEWLINE)
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
new EchoServer(map)
loop(30, map)
