import { readdirSync } from 'node:fs'
import { constants } from 'node:os'
import { describe, expect, test, vi } from 'vitest'
import { Connection } from '../../servers/04-asyncore/connection.ts'
import { Listener } from '../../servers/04-asyncore/listener.ts'
import { loop, poll } from '../../servers/04-asyncore/loop.ts'
import { POLLIN, SHUT_WR, SystemError } from '../../servers/posix/api.ts'
import { Deadlines } from '../../servers/posix/deadlines.ts'
import type { ServeOptions } from '../../servers/server.ts'
import { LOOPBACK, listen, MiB, Recorder } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** What the echo server adds to the framework: its connection and its listener. */
export function echoTests(channels: Channels): void {
  describe('connection', () => {
    const options = {
      protocol: 'line',
      maxLine: 16,
      highWater: 65536,
      idleTimeout: Number.POSITIVE_INFINITY,
    } as ServeOptions

    class LineConnection extends Connection {
      override handleRead(): void {
        const chunk = this.recv(65536)
        if (chunk.length > 0) this.send(this.conversation.receive(chunk))
      }
    }

    test('a hang-up while input is unread loses no reply that is on its way', () => {
      const { map, posix } = channels
      // The peer takes little at a time, so that most replies are still in the kernel at the
      // hang-up.
      const { accepted, peer } = channels.pair({ accepted: MiB, peer: 4096 })
      const gone: unknown[] = []
      const deadlines = new Deadlines<Connection>()
      const line = (_: Connection, error?: unknown) => gone.push(error)
      new LineConnection(options, map, accepted, deadlines, line)
      const lines = 'fifteen bytes..\n'.repeat(2048)
      channels.sendAll(peer, lines)
      channels.sendAll(peer, new Uint8Array(136 * 1024))
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => map.size === 0)
      const received = channels.receiveAll(peer).toString()
      expect(received).toBe(`${lines}error: line longer than 16 bytes\n`)
      expect(gone).toEqual([undefined])
    })

    test('the idle time starts when a connection is accepted and with each event', () => {
      const { map } = channels
      const deadlines = new Deadlines<Connection>()
      const { accepted, peer } = channels.pair()
      const now = vi.spyOn(performance, 'now').mockReturnValue(50_000_000)
      const idle = { ...options, idleTimeout: 1000 }
      const connection = new LineConnection(idle, map, accepted, deadlines, () => {})
      expect(connection.deadline).toBe(50_001_000)
      channels.sendAll(peer, 'hello\n')
      deadlines.patience()
      now.mockReturnValue(50_000_900)
      poll(10, map)
      expect(connection.deadline).toBe(50_001_900)
    })

    test('a connection that lingers keeps its deadline, whatever comes', () => {
      const { map, posix } = channels
      const { accepted, peer } = channels.pair()
      const deadlines = new Deadlines<Connection>()
      const connection = new LineConnection(options, map, accepted, deadlines, () => {})
      expect(connection.deadline).toBe(Number.POSITIVE_INFINITY)
      channels.sendAll(peer, 'a line much too long')
      expect(channels.receiveAll(peer).toString()).toBe('error: line longer than 16 bytes\n')
      const { deadline } = connection
      expect(deadline).toBeLessThan(performance.now() + 2100)
      channels.sendAll(peer, 'more')
      channels.until(() => !posix.poll(Int32Array.of(accepted.fd, POLLIN), 1, 0))
      loop(0.01, map, 2)
      expect(connection.deadline).toBe(deadline)
    })
  })

  describe('listener', () => {
    const limits = { address: LOOPBACK, backlog: 5, maxConnections: 2 }

    test('out of descriptors it rests, then accepts the client that has waited', () => {
      const { map, posix } = channels
      const accepted: number[] = []
      class Server extends Listener<{ finish(): void }> {
        override handleAccepted(socket: number): void {
          accepted.push(socket)
        }
      }
      const server = new Server(limits, map)
      vi.spyOn(posix, 'accept').mockImplementationOnce(() => {
        throw new SystemError('accept', constants.errno.EMFILE)
      })
      const peer = channels.peer()
      posix.connect(peer, posix.getsockname(server.fd))
      channels.until(() => server.rest < Number.POSITIVE_INFINITY)
      expect(server.readable()).toBe(false)
      expect(server.rest).toBeGreaterThan(0)
      channels.until(() => accepted.length === 1)
      expect(server.rest).toBe(Number.POSITIVE_INFINITY)
      posix.close(accepted[0]!)
    })

    test('a listener that is closed while it rests is not waited for', () => {
      const { map } = channels
      const server = new Listener(limits, map)
      server.handleError(new SystemError('accept', constants.errno.EMFILE))
      expect(server.rest).toBeLessThan(Number.POSITIVE_INFINITY)
      server.close()
      expect(server.rest).toBe(Number.POSITIVE_INFINITY)
    })

    test('a listener that closes in handleAccepted accepts no more in that pass', () => {
      const { map, posix } = channels
      class Server extends Listener<{ finish(): void }> {
        readonly calls: string[] = []
        override handleAccepted(socket: number): void {
          this.calls.push('accepted')
          posix.close(socket)
          this.close()
        }
        override handleClose(): void {
          this.calls.push('close')
        }
      }
      const server = new Server(limits, map)
      posix.connect(channels.peer(), posix.getsockname(server.fd))
      channels.until(() => map.size === 0)
      expect(server.calls).toEqual(['accepted'])
    })

    test('a throw in handleAccepted costs the connection, and its descriptor is closed', () => {
      const { map, posix } = channels
      class Server extends Listener<{ finish(): void }> {
        readonly errors: unknown[] = []
        override handleAccepted(): void {
          throw new Error('not taken')
        }
        override handleError(error: unknown): void {
          this.errors.push(error)
        }
      }
      const server = new Server(limits, map)
      const peer = channels.peer()
      posix.connect(peer, posix.getsockname(server.fd))
      expect(channels.receiveAll(peer)).toHaveLength(0)
      expect(server.errors).toHaveLength(1)
    })
  })

  test.skipIf(channels.backend === 'atomics')('failed binds leave no descriptor behind', () => {
    const { map } = channels
    const holder = new Recorder(map)
    const address = listen(holder)
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let i = 0; i < 1000; i++) {
      expect(() => new Listener({ address, backlog: 5, maxConnections: 1 }, map)).toThrow(
        'EADDRINUSE',
      )
    }
    expect(count()).toBe(before)
    expect(map.size).toBe(1)
  })
}
