import { expect, test } from 'vitest'
import {
  ConnectionDone,
  ConnectionRefusedError,
  DNSLookupError,
  NotConnectingError,
  TimeoutError,
  UserError,
} from '../../servers/06-reactor/errors.ts'
import type { Connector } from '../../servers/06-reactor/interfaces.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { openPosix } from '../../servers/posix/open.ts'
import { finish, IS_LINUX, Listed, listen, type Open, Recorder, run } from './reactor-harness.ts'

/** Clients: how they connect, fail, and connect again. */
export function connectorTests(open: Open): void {
  test('after a ConnectionRefusedError the factory may try again', async () => {
    const reactor = await open()
    const port = await unusedPort(open)
    let tries = 0
    class Stubborn extends Listed {
      override clientConnectionFailed(connector: Connector, reason: Error): void {
        super.clientConnectionFailed(connector, reason)
        tries += 1
        if (tries < 3) connector.connect()
        else reactor.callLater(0, () => reactor.stop())
      }
    }
    const factory = new Stubborn()
    const connector = reactor.connectTCP('127.0.0.1', port, factory)
    expect(connector.getDestination()).toEqual({ host: '127.0.0.1', port })
    expect(() => connector.connect()).toThrow('connecting')
    await run(reactor)
    const again = ['connecting', 'failed']
    expect(factory.calls).toEqual(['start', ...again, ...again, ...again, 'stop'])
    expect(factory.failure).toBeInstanceOf(ConnectionRefusedError)
  })

  test('a lost connection may be made again by the same connector', async () => {
    const reactor = await open()
    const servers = [1, 2].map(
      () => new Recorder({ made: (self) => self.transport.loseConnection() }),
    )
    const clients = [new Recorder(), new Recorder()]
    class Returning extends Listed {
      override clientConnectionLost(connector: Connector): void {
        super.clientConnectionLost(connector)
        if (clients[1]!.reason) reactor.callLater(0, () => reactor.stop())
        else connector.connect()
      }
    }
    const factory = new Returning(...clients)
    const port = await listen(reactor, new Listed(...servers))
    reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(clients.map(({ events }) => events)).toEqual([
      ['made', 'lost'],
      ['made', 'lost'],
    ])
    expect(factory.calls).toEqual(['start', 'connecting', 'lost', 'connecting', 'lost', 'stop'])
  })

  test('stopConnecting and disconnect work before and after the connection is made', async () => {
    const reactor = await open()
    const port = await listen(reactor, new Listed(new Recorder()))
    for (const end of ['stopConnecting', 'disconnect'] as const) {
      const factory = new Listed()
      const connector = reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
      connector[end]()
      expect(factory.calls).toEqual(['start', 'connecting'])
      while (!factory.failure) await reactor.iterate(0.01)
      expect(factory.failure).toBeInstanceOf(UserError)
      expect(factory.calls).toEqual(['start', 'connecting', 'failed', 'stop'])
      expect(() => connector.stopConnecting()).toThrow(NotConnectingError)
      connector.connect()
      expect(factory.calls.slice(4)).toEqual(['start', 'connecting'])
      connector.stopConnecting()
      while (factory.calls.length < 8) await reactor.iterate(0.01)
    }
    const client = new Recorder({ made: () => reactor.callLater(0, () => connector.disconnect()) })
    const factory = new Listed(client)
    const connector = reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    while (!client.reason) await reactor.iterate(0.01)
    expect(client.reason).toBeInstanceOf(ConnectionDone)
    await finish(reactor)
  })

  test('a client factory that builds null gets no connection', async () => {
    const reactor = await open()
    const server = new Recorder({ lost: () => reactor.stop() })
    const factory = new Listed()
    const port = await listen(reactor, new Listed(server))
    reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(server.events).toEqual(['made', 'lost'])
    expect(factory.calls).toEqual(['start', 'connecting', 'lost', 'stop'])
  })

  test('a host that has no address is a DNSLookupError', async () => {
    const reactor = await open()
    const factory = new Listed()
    reactor.connectTCP('not a host name', 80, factory)
    while (!factory.failure) await reactor.iterate(0.01)
    expect(factory.failure).toBeInstanceOf(DNSLookupError)
    await finish(reactor)
  })

  test.runIf(IS_LINUX)('a connection without an answer is a TimeoutError', async () => {
    const reactor = await open()
    using silent = await silentPort()
    const factory = new Listed()
    const start = reactor.seconds()
    reactor.connectTCP('127.0.0.1', silent.port, factory, 0.05)
    while (!factory.failure) await reactor.iterate(0.01)
    expect(reactor.seconds() - start).toBeGreaterThanOrEqual(0.05)
    expect(factory.failure).toBeInstanceOf(TimeoutError)
    await finish(reactor)
  })
}

/** A port that nobody listens on any more. */
async function unusedPort(open: Open): Promise<number> {
  const reactor = await open()
  const { port } = (await listen(reactor, new Listed())).getHost()
  await finish(reactor)
  return port
}

/** A port whose backlog is full, so that Linux leaves a client's SYN unanswered. */
async function silentPort(): Promise<{ port: number } & Disposable> {
  const posix = await openPosix('libc')
  const address = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const
  const listener = listenTcp(posix, { address, backlog: 0 }, 'nonblocking')
  const bound = posix.getsockname(listener)
  const clients = Array.from({ length: 3 }, () => posix.socket('IPv4', 'nonblocking'))
  for (const client of clients) posix.connect(client, bound)
  const close = () => {
    for (const fd of [...clients, listener]) posix.close(fd)
  }
  return { port: bound.port, [Symbol.dispose]: close }
}
