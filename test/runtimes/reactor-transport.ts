import { expect, test } from 'vitest'
import { ConnectionDone } from '../../servers/06-reactor/errors.ts'
import { converse, LISTENER, noise, type Open } from './reactor-harness.ts'

const MANY = noise(4 * 2 ** 20)

/** One connection: what is written arrives, whichever side closes which half. */
export function transportTests(open: Open): void {
  test('an echo of 4 MiB with half-closes is made, data, ended, lost', async () => {
    const { server, client } = await converse(
      await open(),
      {
        data: (self, chunk) => self.transport.write(chunk),
        ended: (self) => self.transport.loseConnection(),
      },
      {
        made: (self) => {
          self.transport.write(MANY)
          self.transport.loseWriteConnection()
        },
        finSent: () => {},
        ended: (self) => self.transport.loseConnection(),
      },
    )
    expect(client.received.equals(MANY)).toBe(true)
    expect(server.events).toEqual(['made', 'data', 'ended', 'lost'])
    expect(client.events.filter((event) => event !== 'data')).toEqual([
      'made',
      'FIN sent',
      'ended',
      'lost',
    ])
    expect(server.reason).toBeInstanceOf(ConnectionDone)
    expect(client.reason).toBeInstanceOf(ConnectionDone)
  })

  test('loseConnection first sends what waits, however slowly the peer reads', async () => {
    const { server, client } = await converse(
      await open(),
      {
        made: (self) => {
          self.transport.write(MANY)
          self.transport.loseConnection()
          expect(self.transport.disconnecting).toBe(true)
        },
      },
      {
        ...LISTENER,
        made: (self) => {
          self.transport.pauseProducing()
          self.transport.reactor.callLater(0.02, () => self.transport.resumeProducing())
        },
      },
    )
    expect(client.received.equals(MANY)).toBe(true)
    expect(server.reason).toBeInstanceOf(ConnectionDone)
  })

  test('a paused connection gets no bytes, and all of them when it is resumed', async () => {
    let whilePaused = -1
    const { client } = await converse(
      await open(),
      {
        made: (self) => {
          self.transport.write(MANY)
          self.transport.loseConnection()
        },
      },
      {
        ...LISTENER,
        data: (self) => {
          if (whilePaused >= 0) return
          whilePaused = self.received.length
          self.transport.pauseProducing()
          self.transport.reactor.callLater(0.02, () => {
            expect(self.received.length).toBe(whilePaused)
            self.transport.resumeProducing()
          })
        },
      },
    )
    expect(whilePaused).toBeGreaterThan(0)
    expect(client.received.equals(MANY)).toBe(true)
  })

  test('loseWriteConnection sends what was written, then the FIN; reading goes on', async () => {
    const { server, client } = await converse(
      await open(),
      {
        made: (self) => {
          self.transport.write(MANY)
          self.transport.loseWriteConnection()
          self.transport.loseWriteConnection()
        },
        finSent: (self) => self.transport.write(Buffer.from('too late')),
        ended: (self) => self.transport.loseConnection(),
      },
      {
        ended: (self) => {
          self.transport.write(Buffer.from('still heard'))
          self.transport.loseConnection()
        },
      },
    )
    expect(client.received.equals(MANY)).toBe(true)
    expect(server.received.toString()).toBe('still heard')
    expect(server.events).toEqual(['made', 'FIN sent', 'data', 'ended', 'lost'])
    expect(client.events).toEqual(['made', 'data', 'ended', 'lost'])
  })

  test('without readConnectionLost the FIN of the peer ends the connection', async () => {
    const { server, client } = await converse(
      await open(),
      {},
      { made: (self) => self.transport.loseWriteConnection() },
    )
    for (const { events, reason } of [server, client]) {
      expect(events).toEqual(['made', 'lost'])
      expect(reason).toBeInstanceOf(ConnectionDone)
    }
  })

  test('writeSequence writes all pieces; getHost and getPeer know both addresses', async () => {
    const { server, client } = await converse(
      await open(),
      { ended: (self) => self.transport.loseConnection() },
      {
        made: ({ transport }) => {
          transport.setTcpNoDelay(false)
          transport.setTcpNoDelay(true)
          const [here, there] = [transport.getHost(), transport.getPeer()]
          expect(here.address).toBe('127.0.0.1')
          transport.writeSequence([`${here.port} `, '', `${there.port}`].map((s) => Buffer.from(s)))
          transport.loseConnection()
        },
      },
    )
    const peer = server.transport.getPeer()
    const [here, there] = server.received.toString().split(' ')
    expect(peer).toEqual({ family: 'IPv4', address: '127.0.0.1', port: Number(here) })
    expect(client.transport.getPeer().port).toBe(Number(there))
  })
}
