/**
 * asynchat, bare: a chat for each client, which is called with lines.
 *
 *     node --import tsx servers/05-asynchat/bare.ts 8881
 *
 * Where does it wait?                   In asyncore's `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls the chat, the chat `collect…` and `found…`.
 * Where does a connection's state live? In its chat: the line so far, the output queue.
 * What breaks it?                       A handler that blocks; a line that nobody limits.
 * What it leaves out:                   promises 1, 2, 3, 5, 6, 7, 8 and 9.
 */
import { Dispatcher } from '../04-asyncore/dispatcher.ts'
import { loop, SocketMap } from '../04-asyncore/loop.ts'
import { type Address, formatAddress } from '../posix/api.ts'
import { openPosix } from '../posix/open.ts'
import { PollPoller } from '../posix/poller.ts'
import { AsyncChat } from './async-chat.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const
const NEWLINE = Buffer.from('\n')

class EchoHandler extends AsyncChat {
  #line: Buffer[] = []

  override collectIncomingData(data: Uint8Array): void {
    this.#line.push(Buffer.from(data))
  }

  override foundTerminator(): void {
    this.push(Buffer.concat([...this.#line, NEWLINE]))
    this.#line = []
  }
}

class EchoServer extends Dispatcher {
  constructor(map: SocketMap) {
    super(map)
    this.createSocket()
    this.setReuseAddr()
    this.bind(address)
    this.listen(5)
  }

  override handleAccepted(socket: number, _addr: Address): void {
    new EchoHandler(this.map, socket).setTerminator(NEWLINE)
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
const server = new EchoServer(map)
console.log(`listening ${formatAddress(posix.getsockname(server.fd))}`)
loop(30, map)
