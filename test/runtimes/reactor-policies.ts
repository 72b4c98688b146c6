import { expect, test } from 'vitest'
import { ConnectionAborted, ConnectionDone } from '../../servers/06-reactor/errors.ts'
import { TimeoutProtocol } from '../../servers/06-reactor/policies.ts'
import { Listed, listen, type Open, Recorder, run } from './reactor-harness.ts'

/** TimeoutProtocol: peers that send nothing, and peers that take nothing. */
export function policyTests(open: Open): void {
  test('silence ends the connection, and each message puts that off', async () => {
    const reactor = await open()
    const idle = new Idle()
    const client = new Recorder({ made: (self) => chatter(self, 4), lost: () => reactor.stop() })
    const port = await listen(reactor, new Listed(idle))
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
    await run(reactor)
    expect(client.reason).toBeInstanceOf(ConnectionDone)
    expect(idle.messages).toBeGreaterThan(0)
    expect(idle.silence).toBeGreaterThanOrEqual(0.1)
  })

  test('a peer that takes none of the output that waits is cut off', async () => {
    const reactor = await open()
    const idle = new Idle(() => idle.transport.write(Buffer.alloc(2 ** 25)))
    const client = new Recorder({
      made: ({ transport }) => {
        transport.pauseProducing()
        transport.write(Buffer.from('go'))
      },
    })
    idle.stop = () => reactor.stop()
    const port = await listen(reactor, new Listed(idle))
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
    await run(reactor)
    expect(idle.reason).toBeInstanceOf(ConnectionAborted)
  })
}

/** Sends `times` + 1 messages: each within Idle's timeout, but not all together. */
function chatter(self: Recorder, times: number): void {
  self.transport.write(Buffer.from('.'))
  if (times > 0) self.transport.reactor.callLater(0.04, () => chatter(self, times - 1))
}

class Idle extends TimeoutProtocol {
  messages = 0
  silence = 0
  reason: Error | undefined
  stop = () => {}
  readonly #answer: () => void
  #last = 0

  constructor(answer = () => {}) {
    super()
    this.#answer = answer
  }

  override connectionMade(): void {
    this.setTimeout(0.1)
  }

  override dataReceived(): void {
    this.messages += 1
    this.#last = this.transport.reactor.seconds()
    this.#answer()
    this.resetTimeout()
  }

  override connectionLost(reason: Error): void {
    this.silence = this.transport.reactor.seconds() - this.#last
    this.reason = reason
    this.setTimeout(Number.POSITIVE_INFINITY)
    this.stop()
  }
}
