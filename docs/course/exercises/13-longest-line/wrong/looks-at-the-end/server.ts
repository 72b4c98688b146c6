/** An echo server on asynchat. A line that is too long gets an error in reply. */
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
/** The most bytes that a line may have, its newline not counted. */
const LONGEST = 1000
const TOO_LONG = Buffer.from(`error: line longer than ${LONGEST} bytes\n`)

class EchoHandler extends AsyncChat {
  /** The line so far. */
  readonly #line = new ByteQueue()
  /** A line was too long: the rest of the stream is thrown away. */
  #isOver = false

  override collectIncomingData(data: Uint8Array): void {
    if (!this.#isOver) this.#line.push(data)
  }

  override foundTerminator(): void {
    if (this.#isOver) return
    if (this.#line.length > LONGEST) {
      this.#giveUp()
      return
    }
    this.#line.push(NEWLINE)
    this.push(this.#line.peek())
    this.#line.clear()
  }

  #giveUp(): void {
    this.#isOver = true
    this.#line.clear()
    this.push(TOO_LONG)
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
