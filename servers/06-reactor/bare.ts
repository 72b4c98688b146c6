/**
 * reactor, bare: a protocol that writes back what it is given.
 *
 *     node --import tsx servers/06-reactor/bare.ts 8881
 *
 * Where does it wait?                   In the reactor of your choice: poll, epoll or Node's loop.
 * Who calls whom?                       The reactor calls a transport, and that its protocol.
 * Where does a connection's state live? In its protocol; what several share lives in their factory.
 * What breaks it?                       A callback that blocks or computes for long: all wait.
 * What it leaves out:                   promises 2, 3, 5, 6, 8 and 9.
 */
import { formatAddress } from '../posix/api.ts'
import { openPosix } from '../posix/open.ts'
import { installReactor } from './install.ts'
import { Factory, Protocol } from './protocol.ts'

const port = Number(process.argv[2] ?? 8881)

class Echo extends Protocol {
  override dataReceived(data: Uint8Array): void {
    this.transport.write(data)
  }
}

const reactor = await installReactor('poll', await openPosix('libc'))
const listening = await reactor.listenTCP(port, Factory.forProtocol(Echo), 50, '127.0.0.1')
console.log(`listening ${formatAddress(listening.getHost())}`)
await reactor.run()
