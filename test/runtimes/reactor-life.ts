import { expect, test, vi } from 'vitest'
import {
  ReactorAlreadyRunning,
  ReactorNotRestartable,
  ReactorNotRunning,
} from '../../servers/06-reactor/errors.ts'
import type { Phase } from '../../servers/06-reactor/interfaces.ts'
import { log } from '../../servers/06-reactor/log.ts'
import { finish, Listed, listen, type Open, Recorder, run } from './reactor-harness.ts'

/** The start and the end of a reactor, and its events. */
export function lifeTests(open: Open): void {
  test('a reactor runs once, and can be stopped only while it runs', async () => {
    const reactor = await open()
    expect(() => reactor.stop()).toThrow(ReactorNotRunning)
    let again: Promise<unknown> | undefined
    reactor.callWhenRunning(() => {
      again = reactor.run().catch((error) => error)
      reactor.stop()
      expect(() => reactor.stop()).toThrow(ReactorNotRunning)
    })
    await run(reactor)
    expect(await again).toBeInstanceOf(ReactorAlreadyRunning)
    await expect(reactor.run()).rejects.toThrow(ReactorNotRestartable)
    expect(() => reactor.stop()).toThrow(ReactorNotRunning)
  })

  test('triggers are called once, by phase and then in order', async () => {
    const reactor = await open()
    const calls: string[] = []
    const add = (phase: Phase, name: string) =>
      reactor.addSystemEventTrigger(phase, 'party', () => calls.push(name))
    add('after', 'a1')
    add('during', 'd1')
    add('before', 'b1')
    add('before', 'b2')
    const removed = add('during', 'd2')
    reactor.removeSystemEventTrigger(removed)
    expect(() => reactor.removeSystemEventTrigger(removed)).toThrow(TypeError)
    reactor.fireSystemEvent('party')
    reactor.fireSystemEvent('party')
    reactor.fireSystemEvent('another')
    expect(calls).toEqual(['b1', 'b2', 'd1', 'a1'])
    await finish(reactor)
  })

  test('startup and shutdown call their triggers by phase', async () => {
    const reactor = await open()
    const calls: string[] = []
    const phases: Phase[] = ['after', 'during', 'before']
    for (const event of ['startup', 'shutdown']) {
      for (const phase of phases) {
        reactor.addSystemEventTrigger(phase, event, () => calls.push(`${phase} ${event}`))
      }
    }
    reactor.callWhenRunning(() => reactor.callLater(0, () => reactor.stop()))
    await run(reactor)
    expect(calls).toEqual(
      ['startup', 'shutdown'].flatMap((event) =>
        phases.toReversed().map((phase) => `${phase} ${event}`),
      ),
    )
  })

  test('a trigger that throws is logged, and the next one is still called', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const reactor = await open()
    const thrown = new Error('from a trigger')
    const next = vi.fn()
    reactor.addSystemEventTrigger('before', 'shutdown', () => {
      throw thrown
    })
    reactor.addSystemEventTrigger('before', 'shutdown', next)
    await finish(reactor)
    expect(err.mock.calls).toEqual([[thrown]])
    expect(next).toHaveBeenCalledOnce()
  })

  test('callWhenRunning calls when the reactor starts, or at once if it runs', async () => {
    const reactor = await open()
    const calls: string[] = []
    reactor.callWhenRunning(() => {
      calls.push('outer')
      reactor.callWhenRunning(() => calls.push('inner'))
      calls.push('outer again')
      reactor.stop()
    })
    expect(calls).toEqual([])
    await run(reactor)
    expect(calls).toEqual(['outer', 'inner', 'outer again'])
  })

  test('callFromThread calls in the next pass, in order, with arguments', async () => {
    const reactor = await open()
    const calls: string[] = []
    const call = (name: string) => calls.push(name)
    reactor.callWhenRunning(() => {
      reactor.callFromThread((name) => {
        call(name)
        reactor.callFromThread(call, 'nested')
      }, 'first')
      reactor.callFromThread(call, 'second')
      call('now')
    })
    reactor.callLater(0.02, () => reactor.stop())
    await run(reactor)
    expect(calls).toEqual(['now', 'first', 'second', 'nested'])
  })

  test('iterate makes one pass', async () => {
    const reactor = await open()
    const calls: string[] = []
    reactor.callLater(0, () => {
      calls.push('first')
      reactor.callLater(0, () => calls.push('second'))
    })
    await reactor.iterate()
    expect(calls).toEqual(['first'])
    await reactor.iterate()
    expect(calls).toEqual(['first', 'second'])
    const start = reactor.seconds()
    await reactor.iterate(0.02)
    expect(reactor.seconds() - start).toBeGreaterThan(0.01)
    await finish(reactor)
  })

  test('stop ends all that is open: connections, ports and connectors', async () => {
    const reactor = await open()
    // The reactor does not wait for a paused connection, but must close it as well.
    const server = new Recorder({ made: (self) => self.transport.pauseProducing() })
    const client = new Recorder({ made: () => reactor.callLater(0.01, () => reactor.stop()) })
    const factory = new Listed(server)
    const clientFactory = new Listed(client)
    const port = await listen(reactor, factory)
    const address = port.getHost()
    reactor.connectTCP('127.0.0.1', address.port, clientFactory)
    await run(reactor)
    for (const { events } of [server, client]) expect(events).toEqual(['made', 'lost'])
    expect(clientFactory.calls).toEqual(['start', 'connecting', 'lost', 'stop'])
    expect(factory.calls).toEqual(['start', 'stop'])
    // The port is free again: a second reactor listens on it.
    const next = await open()
    const again = await listen(next, new Listed(), { port: address.port })
    expect(again.getHost()).toEqual(address)
    await finish(next)
  })
}
