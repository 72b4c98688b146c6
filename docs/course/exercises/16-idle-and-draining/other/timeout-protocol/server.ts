/** Ends a connection that is idle, by the policy that the framework has for it. */
import { installReactor } from '#servers/06-reactor/install.ts'
import { TimeoutProtocol } from '#servers/06-reactor/policies.ts'
import { Factory } from '#servers/06-reactor/protocol.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--idle')
/** Seconds. */
const idle = flag < 0 ? 60 : Number(process.argv[flag + 1])

class Echo extends TimeoutProtocol {
  override connectionMade(): void {
    this.setTimeout(idle)
  }

  override dataReceived(data: Uint8Array): void {
    this.transport.write(data)
    this.resetTimeout()
  }

  override readConnectionLost(): void {
    this.transport.loseConnection()
  }

  override connectionLost(): void {
    this.setTimeout(Number.POSITIVE_INFINITY)
  }
}

const reactor = await installReactor('poll', await openPosix('libc'))
await reactor.listenTCP(port, Factory.forProtocol(Echo), 50, '127.0.0.1')
await reactor.run()
