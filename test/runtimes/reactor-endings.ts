import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ConnectionAborted, ConnectionLost } from '../../servers/06-reactor/errors.ts'
import type { Reactor, Transport } from '../../servers/06-reactor/interfaces.ts'
import {
  converse,
  finish,
  LISTENER,
  Listed,
  listen,
  noise,
  type Open,
  Recorder,
} from './reactor-harness.ts'

const CHUNK = noise(65536)

/** How a connection ends early, and what is left of it. */
export function endingTests(open: Open): void {
  test('abortConnection resets and drops later writes; the connection is lost once', async () => {
    const { server, client } = await converse(
      await open(),
      {
        data: (self) => {
          self.transport.abortConnection()
          self.transport.write(Buffer.from('after'))
          self.transport.abortConnection()
          self.transport.loseConnection()
        },
      },
      { ...LISTENER, made: (self) => self.transport.write(Buffer.from('go')) },
    )
    expect(server.events).toEqual(['made', 'data', 'lost'])
    expect(server.reason).toBeInstanceOf(ConnectionAborted)
    expect(client.events).toEqual(['made', 'lost'])
    expect(client.reason).toBeInstanceOf(ConnectionLost)
    expect(client.reason?.cause).toMatchObject({ code: 'ECONNRESET' })
  })

  test('a callback that aborts and then throws loses its connection once', async () => {
    const thrown = new Error('after the abort')
    const { server, client } = await converse(
      await open(),
      {
        data: (self) => {
          self.transport.abortConnection()
          throw thrown
        },
      },
      {
        made: (self) => self.transport.write(Buffer.from('go')),
      },
    )
    expect(server.events).toEqual(['made', 'data', 'lost'])
    expect(server.reason).toBe(thrown)
    expect(client.events).toEqual(['made', 'lost'])
  })

  test('a reset while output waits calls connectionLost, and not inside write', async () => {
    const { server } = await converse(
      await open(),
      {
        made: (self) => {
          const { reactor } = self.transport
          const keepWriting = () => {
            if (self.reason) return
            self.within('write', () => self.transport.write(CHUNK))
            reactor.callLater(0, keepWriting)
          }
          keepWriting()
        },
      },
      {
        data: (self) => self.transport.abortConnection(),
      },
    )
    expect(server.events).toEqual(['made', 'lost'])
    expect(server.reason).toBeInstanceOf(ConnectionLost)
    expect(server.reason?.cause).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) })
  })

  test('ten thousand small writes and a close in the middle: all arrive, in order', async () => {
    const { client } = await converse(
      await open(),
      { made: (self) => writeNumbers(self, () => self.transport.loseConnection()) },
      LISTENER,
    )
    expect(client.received.equals(numbers(10_000))).toBe(true)
  })

  test('ten thousand small writes, an abort in between: no later one arrives', async () => {
    const { client } = await converse(
      await open(),
      { made: (self) => writeNumbers(self, () => self.transport.abortConnection()) },
      LISTENER,
    )
    const { received } = client
    expect(received.length).toBeLessThanOrEqual(4 * 5000)
    expect(received.equals(numbers(5000).subarray(0, received.length))).toBe(true)
  })

  test('a throw in a callback is the reason of the loss, and ends no other one', async () => {
    for (const callback of ['made', 'data', 'ended', 'finSent'] as const) {
      const thrown = new Error(`thrown in ${callback}`)
      const { server, client } = await converse(
        await open(),
        {
          ended: () => {},
          data: (self) => self.transport.loseWriteConnection(),
          [callback]: () => {
            throw thrown
          },
        },
        {
          ended: (self) => self.transport.loseConnection(),
          made: (self) => {
            self.transport.write(Buffer.from('go'))
            if (callback === 'ended') self.transport.loseWriteConnection()
          },
        },
      )
      expect(server.reason).toBe(thrown)
      expect(server.events.filter((event) => event === 'lost')).toEqual(['lost'])
      expect(client.reason).not.toBe(thrown)
    }
  })

  test('after the end the calls of the transport do nothing', async () => {
    const reactor = await open()
    const { server, client } = await converse(
      reactor,
      { made: (self) => self.transport.loseConnection() },
      {
        lost: ({ transport }) => {
          transport.write(Buffer.from('x'))
          transport.loseConnection()
          transport.loseWriteConnection()
          transport.abortConnection()
          transport.pauseProducing()
          transport.resumeProducing()
        },
      },
    )
    expect(client.events).toEqual(['made', 'lost'])
    expect(server.received.length).toBe(0)
  })

  test('a connection that has ended is not kept in memory, nor are its objects', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const reactor = await open()
    const { transports, gone } = await endedConnection(reactor)
    const transport = new WeakRef(transports[0]!)
    // References that were read in this turn are kept until it ends.
    await turn()
    collect()
    expect(gone.map((reference) => reference.deref())).toEqual([undefined, undefined, undefined])
    expect(transports.map(({ disconnecting }) => disconnecting)).toEqual([true, true])
    transports.length = 0
    await turn()
    collect()
    expect(transport.deref()).toBeUndefined()
    await finish(reactor)
  })
}

/**
 * A connection that has ended, in a reactor that goes on: its transports, and the objects that they
 * must not keep.
 */
async function endedConnection(
  reactor: Reactor,
): Promise<{ transports: Transport[]; gone: WeakRef<object>[] }> {
  const server = new Recorder({ made: (self) => self.transport.loseConnection() })
  const client = new Recorder()
  const port = await listen(reactor, new Listed(server))
  const connector = reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
  while (!server.reason || !client.reason) await reactor.iterate(0.01)
  const gone = [server, client, connector].map((ended) => new WeakRef(ended))
  return { transports: [server.transport, client.transport], gone }
}

function numbers(count: number): Buffer {
  return Buffer.from(Uint32Array.from({ length: count }, (_, i) => i).buffer)
}

/** Ten thousand writes of four bytes each, and `middle` after half of them. */
function writeNumbers(self: Recorder, middle: () => void): void {
  const bytes = numbers(10_000)
  for (let i = 0; i < 10_000; i++) {
    if (i === 5000) middle()
    self.transport.write(bytes.subarray(4 * i, 4 * i + 4))
  }
}
