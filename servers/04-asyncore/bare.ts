/**
 * asyncore, bare: a dispatcher for the listener, and one for each client.
 *
 *     node --import tsx servers/04-asyncore/bare.ts 8881
 *
 * Where does it wait?                   In `loop`, once for all channels of the map.
 * Who calls whom?                       The loop calls `readable` and `writable`, then `handle…`.
 * Where does a connection's state live? In the fields of its dispatcher.
 * What breaks it?                       A handler that blocks; a `writable` that is always true.
 * What it leaves out:                   promises 3, 5, 6, 7, 8 and 9.
 */
import { type Address, formatAddress } from '../posix/api.ts'
import { openPosix } from '../posix/open.ts'
import { PollPoller } from '../posix/poller.ts'
import { Dispatcher } from './dispatcher.ts'
import { DispatcherWithSend } from './dispatcher-with-send.ts'
import { loop, SocketMap } from './loop.ts'

const port = Number(process.argv[2] ?? 8881)
const address = { family: 'IPv4', address: '127.0.0.1', port } as const

class EchoHandler extends DispatcherWithSend {
  override handleRead(): void {
    this.send(this.recv(8192))
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
    new EchoHandler(this.map, socket)
  }
}

const posix = await openPosix('libc')
const map = new SocketMap(posix, new PollPoller(posix))
const server = new EchoServer(map)
console.log(`listening ${formatAddress(posix.getsockname(server.fd))}`)
loop(30, map)
