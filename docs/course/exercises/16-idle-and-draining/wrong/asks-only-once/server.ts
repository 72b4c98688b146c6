/** Ends a connection that is idle. A client that takes its replies is not. */

import type { DelayedCall } from '#servers/06-reactor/delayed-call.ts'
import { installReactor } from '#servers/06-reactor/install.ts'
import { Factory, Protocol } from '#servers/06-reactor/protocol.ts'
import { openPosix } from '#servers/posix/open.ts'

const port = Number(process.argv[2] ?? 8881)
const flag = process.argv.indexOf('--idle')
/** Seconds. */
const idle = flag < 0 ? 60 : Number(process.argv[flag + 1])

class Echo extends Protocol {
  #timer: DelayedCall | undefined
  /** It has had more time already. */
  #isLate = false

  override connectionMade(): void {
    this.#timer = this.transport.reactor.callLater(idle, () => this.#expire())
  }

  override dataReceived(data: Uint8Array): void {
    this.transport.write(data)
    this.#isLate = false
    this.#timer?.reset(idle)
  }

  override readConnectionLost(): void {
    this.transport.loseConnection()
  }

  override connectionLost(): void {
    if (this.#timer?.active()) this.#timer.cancel()
  }

  #expire(): void {
    const { unsent } = this.transport
    // It may need some more time for what it is owed.
    if (unsent > 0 && !this.#isLate) this.#again()
    else if (unsent > 0) this.transport.abortConnection()
    else this.transport.loseConnection()
  }

  #again(): void {
    this.#isLate = true
    this.#timer = this.transport.reactor.callLater(idle, () => this.#expire())
  }
}

const reactor = await installReactor('poll', await openPosix('libc'))
await reactor.listenTCP(port, Factory.forProtocol(Echo), 50, '127.0.0.1')
await reactor.run()
