/** Callbacks of a user that throw, or that change what the reactor is going through. */
import { expect, test, vi } from 'vitest'
import { NotConnectingError } from '../../servers/06-reactor/errors.ts'
import type { Connector } from '../../servers/06-reactor/interfaces.ts'
import { LineReceiver } from '../../servers/06-reactor/line-receiver.ts'
import { log } from '../../servers/06-reactor/log.ts'
import type { Protocol } from '../../servers/06-reactor/protocol.ts'
import { Listed, listen, type Open, Recorder, run } from './reactor-harness.ts'

const thrown = new Error('from a callback')

function throwIt(): never {
  throw thrown
}

export function guardTests(open: Open): void {
  // twisted#7754 and #5614
  test('buildProtocol of a client factory throws: logged, closed, failed, stopped', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    class Failing extends Listed {
      override buildProtocol(): Protocol | null {
        return throwIt()
      }
    }
    const server = new Recorder({ lost: () => reactor.stop() })
    const port = await listen(reactor, new Listed(server))
    const factory = new Failing()
    reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(factory.calls).toEqual(['start', 'connecting', 'failed', 'stop'])
    expect(factory.failure).toBe(thrown)
    expect(server.events).toEqual(['made', 'lost'])
    expect(err.mock.calls).toEqual([[thrown]])
  })

  test('stopConnecting inside buildProtocol is too late, and says so', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    let connector: Connector | undefined
    class Late extends Listed {
      override buildProtocol(): Protocol | null {
        connector?.stopConnecting()
        return new Recorder()
      }
      override clientConnectionFailed(failed: Connector, reason: Error): void {
        super.clientConnectionFailed(failed, reason)
        reactor.callLater(0, () => reactor.stop())
      }
    }
    const port = await listen(reactor, new Listed(new Recorder()))
    const factory = new Late()
    connector = reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(factory.calls).toEqual(['start', 'connecting', 'failed', 'stop'])
    expect(factory.failure).toBeInstanceOf(NotConnectingError)
    expect(err).toHaveBeenCalledTimes(1)
  })

  test('clientConnectionFailed throws: it is logged, and the factory stops all the same', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    class Failing extends Listed {
      override clientConnectionFailed(): void {
        reactor.callLater(0, () => reactor.stop())
        throwIt()
      }
    }
    const factory = new Failing()
    reactor.connectTCP('999.999.999.999', 1, factory)
    await run(reactor)
    expect(factory.calls).toEqual(['start', 'connecting', 'stop'])
    expect(err.mock.calls).toEqual([[thrown]])
  })

  test('clientConnectionLost throws: it is logged, and the factory stops all the same', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    class Failing extends Listed {
      override clientConnectionLost(): void {
        reactor.callLater(0, () => reactor.stop())
        throwIt()
      }
    }
    const port = await listen(reactor, new Listed())
    const factory = new Failing(new Recorder())
    reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(factory.calls).toEqual(['start', 'connecting', 'stop'])
    expect(err.mock.calls).toEqual([[thrown]])
  })

  test('stopFactory of a port throws: it is logged, and the port is closed', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    class Failing extends Listed {
      override stopFactory(): void {
        throwIt()
      }
    }
    await listen(reactor, new Failing())
    reactor.callLater(0, () => reactor.stop())
    await run(reactor)
    expect(err.mock.calls).toEqual([[thrown]])
  })

  // twisted#4846
  test('stop ends although a factory connects again whenever it fails', async () => {
    using _ = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    let failures = 0
    class Stubborn extends Listed {
      override clientConnectionFailed(connector: Connector): void {
        failures += 1
        if (failures < 1000) connector.connect()
      }
    }
    const port = await listen(reactor, new Listed())
    port.pauseProducing()
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Stubborn())
    reactor.callWhenRunning(() => reactor.stop())
    await run(reactor)
    expect(failures).toBeLessThan(10)
  })

  // twisted#3884
  test.each([Number.NaN, Number.POSITIVE_INFINITY, '1' as unknown as number])(
    'a call is not moved by %s, and no other call is late for it',
    async (wrong) => {
      const reactor = await open()
      const calls: string[] = []
      const moved = reactor.callLater(0.02, () => calls.push('moved'))
      reactor.callLater(0.01, () => calls.push('first'))
      reactor.callLater(0.03, () => reactor.stop())
      expect(() => moved.reset(wrong)).toThrow(RangeError)
      expect(() => moved.delay(wrong)).toThrow(RangeError)
      await run(reactor)
      expect(calls).toEqual(['first', 'moved'])
    },
  )

  // twisted#10598
  test('an empty delimiter is refused, and nothing spins', () => {
    const receiver = new LineReceiver()
    receiver.delimiter = Buffer.alloc(0)
    expect(() => receiver.dataReceived(Buffer.from('line'))).toThrow(RangeError)
  })
}
