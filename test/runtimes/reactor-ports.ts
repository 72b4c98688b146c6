import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, test, vi } from 'vitest'
import {
  CannotListenError,
  ConnectionDone,
  ConnectionRefusedError,
} from '../../servers/06-reactor/errors.ts'
import type { Reactor } from '../../servers/06-reactor/interfaces.ts'
import { log } from '../../servers/06-reactor/log.ts'
import { PosixReactor } from '../../servers/06-reactor/posix-reactor.ts'
import { Factory, Protocol } from '../../servers/06-reactor/protocol.ts'
import { type Posix, SystemError } from '../../servers/posix/api.ts'
import {
  finish,
  IS_LINUX,
  LISTENER,
  Listed,
  listen,
  type Open,
  Recorder,
  run,
} from './reactor-harness.ts'

/** Listening and accepting. */
export function portTests(open: Open, io: string): void {
  listeningTests(open)
  acceptingTests(open)
  // Node accepts by itself.
  if (io !== 'node') acceptErrorTests(open)
}

function listeningTests(open: Open): void {
  test('startFactory is called with the first port, stopFactory with the last', async () => {
    const reactor = await open()
    const factory = new Listed()
    const ports = [await listen(reactor, factory), await listen(reactor, factory)]
    expect(ports.map((port) => port.getHost().address)).toEqual(['127.0.0.1', '127.0.0.1'])
    expect([factory.calls, factory.numPorts]).toEqual([['start'], 2])
    ports[0]!.stopListening()
    await reactor.iterate()
    expect([factory.calls, factory.numPorts]).toEqual([['start'], 1])
    ports[1]!.stopListening()
    ports[1]!.stopListening()
    expect(factory.calls).toEqual(['start'])
    await reactor.iterate()
    expect([factory.calls, factory.numPorts]).toEqual([['start', 'stop'], 0])
    await finish(reactor)
  })

  test('a port starts and stops twenty times, and refuses clients in between', async () => {
    const reactor = await open()
    const factory = new Listed()
    const first = await listen(reactor, factory)
    const { port } = first.getHost()
    first.stopListening()
    await reactor.iterate()
    const before = descriptorCount()
    const listening = await listen(reactor, factory, { port })
    for (let round = 0; round < 20; round++) {
      await expect(async () => listening.startListening()).rejects.toThrow(CannotListenError)
      listening.stopListening()
      await reactor.iterate()
      expect(await failureOf(reactor, port)).toBeInstanceOf(ConnectionRefusedError)
      await listening.startListening()
      expect(listening.getHost().port).toBe(port)
    }
    expect(factory.calls.length).toBe(1 + 1 + 20 * 2 + 1)
    listening.stopListening()
    await reactor.iterate(0.01)
    expect(descriptorCount()).toBeLessThanOrEqual(before)
    await finish(reactor)
  })

  test('a port in use is a CannotListenError, and a thousand of them leak nothing', async () => {
    const reactor = await open()
    const { port } = (await listen(reactor, new Listed())).getHost()
    const unused = new Listed()
    const refusal = async () => {
      const error = await attempt(() => listen(reactor, unused, { port }))
      expect(error).toBeInstanceOf(CannotListenError)
      expect((error as CannotListenError).code).toBe('EADDRINUSE')
    }
    await refusal()
    const before = descriptorCount()
    for (let i = 0; i < 1000; i++) await refusal()
    expect(descriptorCount()).toBeLessThanOrEqual(before)
    expect(unused.calls).toEqual([])
    await finish(reactor)
  })
}

function acceptingTests(open: Open): void {
  test('a burst of three hundred clients is accepted, however many per wake-up', async () => {
    const reactor = await open()
    let left = 300
    class Greeting extends Protocol {
      override connectionMade(): void {
        this.transport.write(Buffer.from('hi'))
        this.transport.loseConnection()
      }
    }
    const port = await listen(reactor, Factory.forProtocol(Greeting))
    const clients = Array.from({ length: left }, () => {
      const lost = () => {
        left -= 1
        if (left === 0) reactor.stop()
      }
      return new Recorder({ lost })
    })
    const factory = new Listed(...clients)
    for (const _ of clients) reactor.connectTCP('127.0.0.1', port.getHost().port, factory)
    await run(reactor)
    expect(clients.every((client) => client.received.toString() === 'hi')).toBe(true)
    expect(factory.calls.filter((call) => call === 'stop')).toEqual(['stop'])
  })

  test('buildProtocol closes the connection with null, and with a throw (logged)', async () => {
    using err = vi.spyOn(log, 'err').mockReturnValue()
    const thrown = new Error('from buildProtocol')
    class Throwing extends Factory {
      override buildProtocol(): never {
        throw thrown
      }
    }
    for (const factory of [new Listed(), new Throwing()]) {
      const reactor = await open()
      const client = new Recorder({ lost: () => reactor.stop() })
      const port = await listen(reactor, factory)
      reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
      await run(reactor)
      expect(client.events).toEqual(['made', 'lost'])
      expect(client.reason).toBeInstanceOf(ConnectionDone)
    }
    expect(err.mock.calls).toEqual([[thrown]])
  })

  test('a paused port builds no protocol until it is resumed', async () => {
    const reactor = await open()
    const server = new Recorder({ ...LISTENER, made: (self) => self.transport.loseConnection() })
    const client = new Recorder({ ...LISTENER, lost: () => reactor.stop() })
    const port = await listen(reactor, new Listed(server))
    port.pauseProducing()
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
    reactor.callLater(0.05, () => {
      expect([client.events, server.events]).toEqual([['made'], []])
      // A port that is watched and not accepted from would make the loop spin.
      if (reactor instanceof PosixReactor) expect(reactor.getReaders()).not.toContain(port)
      port.resumeProducing()
    })
    await run(reactor)
    expect(server.events).toEqual(['made', 'lost'])
  })
}

function acceptErrorTests(open: Open): void {
  test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EPERM'] as const)(
    'after an accept that fails with %s the port serves again',
    async (code) => {
      using err = vi.spyOn(log, 'err').mockReturnValue()
      // An even number: after the first of two the port gives up its reserve and tries again at
      // once.
      let failures = 4
      const accept = (posix: Posix): Posix['accept'] => {
        return (...args) => {
          if (failures === 0) return posix.accept(...args)
          failures -= 1
          throw new SystemError('accept', constants.errno[code])
        }
      }
      const reactor = await open((posix) => replaced(posix, { accept: accept(posix) }))
      const server = new Recorder({ made: (self) => self.transport.loseConnection() })
      const client = new Recorder({ lost: () => reactor.stop() })
      const port = await listen(reactor, new Listed(server))
      reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
      await run(reactor)
      expect(server.events).toEqual(['made', 'lost'])
      expect(err).toHaveBeenCalledTimes(code === 'EPERM' ? 4 : 0)
    },
  )

  test('out of descriptors, the port uses its reserve to close the client that waits', async () => {
    let exhausted = true
    const accept = (posix: Posix): Posix['accept'] => {
      let inReserve = false
      return (...args) => {
        // What the kernel would do: fail, and succeed once the reserve has been closed.
        inReserve = exhausted && !inReserve
        if (inReserve) throw new SystemError('accept', constants.errno.EMFILE)
        return posix.accept(...args)
      }
    }
    const reactor = await open((posix) => replaced(posix, { accept: accept(posix) }))
    const server = new Recorder({ made: (self) => self.transport.loseConnection() })
    const second = new Recorder({ lost: () => reactor.stop() })
    const factory = new Listed(server)
    const port = await listen(reactor, factory)
    const turnedAway = new Recorder({
      lost: () => {
        exhausted = false
        expect(server.events).toEqual([])
        reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(second))
      },
    })
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(turnedAway))
    await run(reactor)
    expect(turnedAway.events).toEqual(['made', 'lost'])
    expect(server.events).toEqual(['made', 'lost'])
  })
}

/** How many descriptors the process has open; 0 where that can't be seen. */
function descriptorCount(): number {
  return IS_LINUX ? readdirSync('/proc/self/fd').length : 0
}

/** `posix` with some calls replaced. */
function replaced(posix: Posix, calls: Partial<Posix>): Posix {
  return new Proxy(posix, {
    get(target, name: keyof Posix) {
      const value = calls[name] ?? target[name]
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function attempt(action: () => Promise<unknown>): Promise<unknown> {
  try {
    return await action()
  } catch (error) {
    return error
  }
}

/** The reason why a connection to `port` fails. */
async function failureOf(reactor: Reactor, port: number): Promise<Error> {
  const factory = new Listed()
  reactor.connectTCP('127.0.0.1', port, factory)
  while (!factory.failure) await reactor.iterate(0.01)
  return factory.failure
}
