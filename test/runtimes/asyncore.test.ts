/** asyncore: the loop, the dispatcher and the dispatcher with send, on every way to wait. */
import { readdirSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Connection } from '../../servers/04-asyncore/connection.ts'
import { Dispatcher } from '../../servers/04-asyncore/dispatcher.ts'
import { DispatcherWithSend } from '../../servers/04-asyncore/dispatcher-with-send.ts'
import { Listener } from '../../servers/04-asyncore/listener.ts'
import { closeAll, ExitNow, loop, poll, SocketMap } from '../../servers/04-asyncore/loop.ts'
import {
  type Address,
  isSystemError,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  type Posix,
  SHUT_RDWR,
  SHUT_WR,
  SystemError,
} from '../../servers/posix/api.ts'
import { Deadlines } from '../../servers/posix/deadlines.ts'
import type { Poller } from '../../servers/posix/poller.ts'
import type { ServeOptions } from '../../servers/server.ts'
import { Channels, type System, WAITS } from './channels.ts'

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  return { ...fs, writeSync: vi.fn(() => 0) }
})

const LOOPBACK: Address = { family: 'IPv4', address: '127.0.0.1', port: 0 }
const MiB = 2 ** 20

/** Writes down what it is called for. What it reads, it keeps; it never asks to write. */
class Recorder extends Dispatcher {
  readonly calls: string[] = []
  readonly errors: unknown[] = []
  received = ''

  override writable(): boolean {
    return this.connecting
  }
  override handleRead(): void {
    this.calls.push('read')
    this.received += Buffer.from(this.recv(65536)).toString()
    this.calls.push('read done')
  }
  override handleWrite(): void {
    this.calls.push('write')
  }
  override handleExpt(): void {
    this.calls.push('expt')
  }
  override handleConnect(): void {
    this.calls.push(`connect connected=${this.connected} connecting=${this.connecting}`)
  }
  override handleClose(error?: unknown): void {
    this.calls.push('close')
    if (error !== undefined) this.errors.push(error)
    this.close()
  }
  override handleError(error: unknown): void {
    this.calls.push('error')
    super.handleError(error)
  }
}

describe.each(WAITS.map((wait) => [wait.name, wait] as const))('asyncore, %s', (_, wait) => {
  let system: System
  let channels: Channels
  let map: SocketMap
  let posix: Posix

  beforeAll(async () => {
    system = await wait.open()
  })

  afterAll(() => system.stop?.())

  beforeEach(async () => {
    channels = await Channels.open(system, wait)
    map = channels.map
    posix = channels.posix
  })

  afterEach(() => {
    vi.restoreAllMocks()
    channels.close()
  })

  function listen(listener: Dispatcher): Address {
    listener.createSocket('IPv4')
    listener.setReuseAddr()
    listener.bind(LOOPBACK)
    listener.listen(5)
    return posix.getsockname(listener.fd)
  }

  /** An address at which nobody listens. */
  function closedAddress(): Address {
    const listener = new Recorder(map)
    const address = listen(listener)
    listener.close()
    return address
  }

  describe('dispatcher', () => {
    test('given a socket, it is connected, knows its peer and is in the map', () => {
      const { accepted, peer } = channels.pair()
      const channel = new Dispatcher(map, accepted.fd)
      expect(channel.connected).toBe(true)
      expect(channel.addr).toEqual(posix.getsockname(peer))
      expect(map.get(accepted.fd)).toBe(channel)
    })

    test('of twelve idle channels only the one written to is called', () => {
      const pairs = Array.from({ length: 12 }, () => channels.pair())
      const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
      channels.sendAll(pairs[7]!.peer, 'hello')
      channels.until(() => recorders[7]!.received === 'hello')
      const called = recorders.filter(({ calls }) => calls.length > 0)
      expect(called).toEqual([recorders[7]])
    })

    test('unless overridden it wants to write all the time, and the loop never sleeps', () => {
      class Busy extends Dispatcher {
        writes = 0
        override handleWrite(): void {
          this.writes += 1
        }
      }
      const busy = new Busy(map, channels.pair().accepted.fd)
      expect([busy.readable(), busy.writable()]).toEqual([true, true])
      loop(30, map, 5)
      expect(busy.writes).toBe(5)
    })

    test('two channels on one descriptor are an error', () => {
      const { accepted } = channels.pair()
      new Recorder(map, accepted.fd)
      expect(() => new Recorder(map, accepted.fd)).toThrow('watched already')
      expect(map.size).toBe(1)
    })

    test('delChannel takes it out of the map, addChannel puts it back', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.delChannel()
      recorder.delChannel()
      expect(map.size).toBe(0)
      channels.sendAll(peer, 'kept by the kernel')
      poll(0, map)
      expect(recorder.calls).toEqual([])
      recorder.addChannel()
      channels.until(() => recorder.received === 'kept by the kernel')
    })

    test('recv gives at most what was asked for, and the rest the next time', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      channels.sendAll(peer, 'abcdef')
      recorder.handleRead = () => {
        recorder.received += `${Buffer.from(recorder.recv(2))}|`
      }
      channels.until(() => recorder.received === 'ab|cd|ef|')
    })

    test('recv of nothing yet is empty, and no end', () => {
      const recorder = new Recorder(map, channels.pair().accepted.fd)
      expect(recorder.recv(100)).toHaveLength(0)
      expect(recorder.calls).toEqual([])
    })

    test('recv at the end of the stream calls handleClose inside, once, and returns empty', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      channels.sendAll(peer, 'bye')
      channels.closePeer(peer)
      channels.until(() => map.size === 0)
      expect(recorder.calls.slice(-3)).toEqual(['read', 'close', 'read done'])
      expect(recorder.calls.filter((call) => call === 'close')).toHaveLength(1)
      expect(recorder.received).toBe('bye')
      expect(recorder.ended).toBe(true)
      expect(recorder.errors).toEqual([])
    })

    test('a channel that stays open after the end of its input is not asked to read again', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.handleClose = () => recorder.calls.push('close')
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => recorder.ended)
      loop(0, map, 3)
      expect(recorder.calls).toEqual(['read', 'close', 'read done'])
    })

    test('a reset is a handleClose with its error, not an exception', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      channels.closePeer(peer, 'reset')
      channels.until(() => map.size === 0)
      expect(recorder.calls).toContain('close')
      expect(recorder.calls).not.toContain('error')
      expect(recorder.errors).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
    })

    test('send counts what the kernel took: 0 when it is full', () => {
      const recorder = new Recorder(map, channels.pair().accepted.fd)
      const data = new Uint8Array(MiB)
      let total = 0
      let sent = recorder.send(data)
      for (; sent > 0; sent = recorder.send(data)) total += sent
      expect(total).toBeGreaterThan(0)
      expect(recorder.calls).toEqual([])
    })

    test('send to a peer that has gone calls handleClose and counts 0', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.delChannel()
      channels.closePeer(peer, 'reset')
      let sent = -1
      channels.until(() => {
        sent = recorder.send(Buffer.from('anyone?'))
        return recorder.calls.length > 0
      })
      expect(sent).toBe(0)
      expect(recorder.calls).toEqual(['close'])
      expect(isSystemError(recorder.errors[0], 'ECONNRESET', 'EPIPE')).toBe(true)
    })

    test('close takes it out of the map, gives the descriptor back, and may be repeated', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.close()
      const { connected, accepting, connecting, fd } = recorder
      expect({ connected, accepting, connecting, fd }).toEqual({
        connected: false,
        accepting: false,
        connecting: false,
        fd: -1,
      })
      const other = channels.pair()
      recorder.close()
      channels.sendAll(other.peer, 'still there')
      expect(channels.receiveAll(peer)).toHaveLength(0)
      expect(posix.getpeername(other.accepted.fd)).toEqual(posix.getsockname(other.peer))
      posix.close(other.accepted.fd)
    })
  })

  describe('listening', () => {
    test('accept is null when nobody waits', () => {
      const listener = new Recorder(map)
      listen(listener)
      expect(listener.accepting).toBe(true)
      expect(listener.accept()).toBeNull()
    })

    test('handleAccept hands the connection and its address to handleAccepted', () => {
      const seen: { socket: number; addr: Address }[] = []
      class Server extends Recorder {
        override handleAccepted(socket: number, addr: Address): void {
          seen.push({ socket, addr })
          new Recorder(map, socket)
        }
      }
      const address = listen(new Server(map))
      const peer = channels.peer()
      posix.connect(peer, address)
      channels.until(() => seen.length > 0)
      expect(seen[0]!.addr).toEqual(posix.getsockname(peer))
      expect(posix.getpeername(seen[0]!.socket)).toEqual(posix.getsockname(peer))
    })

    test('a connection that nobody overrides handleAccepted for is closed', () => {
      const address = listen(new Recorder(map))
      const peer = channels.peer()
      posix.connect(peer, address)
      expect(channels.receiveAll(peer)).toHaveLength(0)
    })

    test('a listener that is shut down hears it, even one that is not readable', () => {
      class Resting extends Recorder {
        override readable(): boolean {
          return false
        }
      }
      const resting = new Resting(map)
      listen(resting)
      posix.shutdown(resting.fd, SHUT_RDWR)
      channels.until(() => map.size === 0)
      expect(resting.calls).toEqual(['close'])
    })
  })

  describe('connecting', () => {
    test('the first event calls handleConnect, sets connected, then delivers the event', () => {
      const listener = new Recorder(map)
      const address = listen(listener)
      listener.delChannel()
      const client = new Recorder(map)
      client.createSocket('IPv4')
      client.connect(address)
      expect(client.addr).toEqual(address)
      channels.until(() => client.connected)
      expect(client.calls).toEqual(['connect connected=false connecting=true', 'write'])
      expect(client.connecting).toBe(false)
      posix.close(listener.fd)
    })

    test('a connection that is refused goes to handleError, which logs and closes', () => {
      const client = new Recorder(map)
      client.createSocket('IPv4')
      client.connect(closedAddress())
      vi.mocked(writeSync).mockClear()
      channels.until(() => map.size === 0)
      expect(client.calls).toEqual(['error', 'close'])
      expect(client.errors).toEqual([expect.objectContaining({ code: 'ECONNREFUSED' })])
      const logged = String(vi.mocked(writeSync).mock.calls[0]?.[1])
      expect(logged).toMatch(/^error: uncaptured exception, closing channel .*ECONNREFUSED/)
    })

    test('a handler that closes in handleConnect gets no event after it', () => {
      const listener = new Recorder(map)
      const address = listen(listener)
      listener.delChannel()
      const client = new Recorder(map)
      client.handleConnect = () => client.close()
      client.createSocket('IPv4')
      client.connect(address)
      channels.until(() => map.size === 0)
      expect(client.calls).toEqual([])
      expect(client.connected).toBe(false)
      posix.close(listener.fd)
    })

    test('a client and a server on one loop talk', () => {
      class Server extends Recorder {
        override handleAccepted(socket: number): void {
          const echo = new DispatcherWithSend(map, socket)
          echo.handleRead = () => echo.send(echo.recv(65536))
        }
      }
      const server = new Server(map)
      const address = listen(server)
      const client = new DispatcherWithSend(map)
      let answer = ''
      client.handleConnect = () => client.send(Buffer.from('hello'))
      client.handleRead = () => {
        answer += Buffer.from(client.recv(65536)).toString()
        if (answer.length < 5) return
        client.close()
        server.close()
      }
      client.createSocket('IPv4')
      client.connect(address)
      loop(0.01, map, 1000)
      expect([answer, map.size]).toEqual(['hello', 0])
    })
  })

  describe('errors', () => {
    test('a throw ends its own channel and no other', () => {
      const [broken, sound] = [channels.pair(), channels.pair()]
      const thrower = new Recorder(map, broken.accepted.fd)
      const recorder = new Recorder(map, sound.accepted.fd)
      const error = new Error('thrown by a handler')
      thrower.handleRead = () => {
        throw error
      }
      channels.sendAll(broken.peer, 'x')
      channels.sendAll(sound.peer, 'y')
      channels.until(() => recorder.received === 'y' && map.size === 1)
      expect(thrower.calls).toEqual(['error', 'close'])
      expect(thrower.errors).toEqual([error])
    })

    test('ExitNow passes through the loop', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.handleRead = () => {
        throw new ExitNow('enough')
      }
      channels.sendAll(peer, 'x')
      expect(() => loop(1, map, 1000)).toThrow(ExitNow)
      expect(recorder.calls).toEqual([])
      expect(map.size).toBe(1)
    })

    test('a handler that meets a disconnect leaves by handleClose', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      recorder.handleRead = () => {
        throw new SystemError('shutdown', constants.errno.ENOTCONN)
      }
      channels.sendAll(peer, 'x')
      channels.until(() => map.size === 0)
      expect(recorder.calls).toEqual(['close'])
    })
  })

  describe('the loop', () => {
    test('it ends when the map is empty', () => {
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      channels.closePeer(peer)
      loop(30, map)
      expect(recorder.calls).toContain('close')
    })

    test('a channel removed during a pass is skipped in that pass', () => {
      const pairs = [channels.pair(), channels.pair()]
      const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
      let calls = 0
      for (const [i, recorder] of recorders.entries()) {
        recorder.handleRead = () => {
          calls += 1
          recorders[1 - i]!.delChannel()
        }
      }
      for (const { accepted, peer } of pairs) {
        channels.sendAll(peer, 'x')
        const set = Int32Array.of(accepted.fd, POLLIN)
        expect(posix.poll(set, 1, 10_000)).toBe(1)
      }
      poll(1, map)
      expect(calls).toBe(1)
      for (const { accepted } of pairs) if (!map.get(accepted.fd)) posix.close(accepted.fd)
    })

    test('a descriptor closed and used again within a pass does not get the old events', () => {
      const pairs = [channels.pair(), channels.pair()]
      const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
      const heirs: Recorder[] = []
      for (const [i, recorder] of recorders.entries()) {
        recorder.handleRead = () => {
          const { fd } = recorders[1 - i]!
          recorders[1 - i]!.close()
          // The lowest free number comes next: a few others may be free before this one.
          while (heirs.at(-1)?.fd !== fd) {
            const heir = new Recorder(map)
            heir.createSocket('IPv4')
            heirs.push(heir)
          }
        }
      }
      for (const { accepted, peer } of pairs) {
        channels.sendAll(peer, 'x')
        expect(posix.poll(Int32Array.of(accepted.fd, POLLIN), 1, 10_000)).toBe(1)
      }
      poll(1, map)
      expect(heirs.length).toBeGreaterThan(0)
      expect(heirs.flatMap(({ calls }) => calls)).toEqual([])
    })

    test('closeAll closes every channel', () => {
      const recorders = [1, 2, 3].map(() => new Recorder(map, channels.pair().accepted.fd))
      closeAll(map)
      expect(map.size).toBe(0)
      expect(recorders.map(({ fd }) => fd)).toEqual([-1, -1, -1])
    })

    test('closeAll stops at an error, unless told to ignore it', () => {
      const recorders = [1, 2, 3].map(() => new Recorder(map, channels.pair().accepted.fd))
      const [first] = recorders
      let failures = 0
      first!.close = () => {
        failures += 1
        if (failures === 1) throw new Error('will not close')
        Dispatcher.prototype.close.call(first)
      }
      expect(() => closeAll(map)).toThrow('will not close')
      expect(map.size).toBe(3)
      failures = 0
      const { fd } = first!
      closeAll(map, true)
      expect(map.size).toBe(0)
      posix.close(fd)
    })
  })

  describe('dispatcher with send', () => {
    test('send takes everything; it is sent as the peer reads, in order', () => {
      const { accepted, peer } = channels.pair()
      const channel = new DispatcherWithSend(map, accepted.fd)
      const data = Buffer.alloc(4 * MiB)
      for (let i = 0; i < data.length; i++) data[i] = i % 251
      expect(channel.send(data.subarray(0, 3 * MiB))).toBe(3 * MiB)
      expect(channel.send(data.subarray(3 * MiB))).toBe(MiB)
      expect(channel.outBuffer.length).toBeGreaterThan(0)
      const received: Buffer[] = []
      let total = 0
      while (total < data.length) {
        received.push(channels.receive(peer))
        total += received.at(-1)!.length
      }
      expect(Buffer.concat(received).equals(data)).toBe(true)
      expect(channel.outBuffer.length).toBe(0)
    })

    test('it is writable while not connected or while something waits', () => {
      const unconnected = new DispatcherWithSend(map)
      expect(unconnected.writable()).toBe(true)
      const channel = new DispatcherWithSend(map, channels.pair().accepted.fd)
      expect(channel.writable()).toBe(false)
      channel.send(new Uint8Array(32 * MiB))
      expect(channel.writable()).toBe(true)
    })

    test('it keeps a copy: the sender may use its memory again', () => {
      const { accepted, peer } = channels.pair()
      const channel = new DispatcherWithSend(map, accepted.fd)
      const data = Buffer.alloc(8 * MiB, 'a')
      channel.send(data)
      data.fill('b')
      channel.handleRead = () => channel.recv(100)
      posix.shutdown(peer, SHUT_WR)
      const received = channels.receiveAll(peer)
      expect(received.equals(Buffer.alloc(8 * MiB, 'a'))).toBe(true)
    })

    test('what waits at a half-close is sent, and handleClose comes once, after it', () => {
      const { accepted, peer } = channels.pair()
      const channel = new DispatcherWithSend(map, accepted.fd)
      const waiting: number[] = []
      channel.handleRead = () => channel.recv(65536)
      channel.handleClose = () => {
        waiting.push(channel.outBuffer.length)
        channel.close()
      }
      channel.send(new Uint8Array(16 * MiB))
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => channel.ended)
      expect(waiting).toEqual([])
      expect(channels.receiveAll(peer)).toHaveLength(16 * MiB)
      expect(waiting).toEqual([0])
    })

    test('what waits for a peer that has gone is dropped with it', () => {
      const { accepted, peer } = channels.pair()
      const channel = new DispatcherWithSend(map, accepted.fd)
      channel.send(new Uint8Array(16 * MiB))
      channels.closePeer(peer, 'reset')
      channels.until(() => map.size === 0)
      expect(channel.outBuffer.length).toBe(0)
    })
  })

  describe('the connection of the echo server', () => {
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

    test('a hang-up with input still unread destroys no reply that is on its way', () => {
      // The peer takes little at a time, so that most replies are still in the kernel at the
      // hang-up.
      const { accepted, peer } = channels.pair({ accepted: MiB, peer: 4096 })
      const gone: unknown[] = []
      const deadlines = new Deadlines<Connection>()
      const line = (_: Connection, error?: unknown) => gone.push(error)
      new LineConnection(map, accepted, options, deadlines, line)
      const lines = 'fifteen bytes..\n'.repeat(2048)
      channels.sendAll(peer, lines)
      channels.sendAll(peer, new Uint8Array(136 * 1024))
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => map.size === 0)
      const received = channels.receiveAll(peer).toString()
      expect(received).toBe(`${lines}error: line longer than 16 bytes\n`)
      expect(gone).toEqual([undefined])
    })

    test('its idle time starts when it is accepted and with each event', () => {
      const deadlines = new Deadlines<Connection>()
      const { accepted, peer } = channels.pair()
      const now = vi.spyOn(performance, 'now').mockReturnValue(50_000_000)
      const idle = { ...options, idleTimeout: 1000 }
      const connection = new LineConnection(map, accepted, idle, deadlines, () => {})
      expect(connection.deadline).toBe(50_001_000)
      channels.sendAll(peer, 'hello\n')
      now.mockReturnValue(50_000_900)
      poll(10, map)
      expect(connection.deadline).toBe(50_001_900)
    })

    test('once it lingers, its deadline stands', () => {
      const { accepted, peer } = channels.pair()
      const deadlines = new Deadlines<Connection>()
      const connection = new LineConnection(map, accepted, options, deadlines, () => {})
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

  describe('the listener of the echo server', () => {
    const limits = { address: LOOPBACK, backlog: 5, maxConnections: 2 }

    test('out of descriptors it rests, then accepts who has waited', () => {
      const accepted: number[] = []
      class Server extends Listener<{ finish(): void }> {
        override handleAccepted(socket: number): void {
          accepted.push(socket)
        }
      }
      const server = new Server(map, limits)
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

    test('what handleAccepted throws costs the connection, and its descriptor is closed', () => {
      class Server extends Listener<{ finish(): void }> {
        readonly errors: unknown[] = []
        override handleAccepted(): void {
          throw new Error('not taken')
        }
        override handleError(error: unknown): void {
          this.errors.push(error)
        }
      }
      const server = new Server(map, limits)
      const peer = channels.peer()
      posix.connect(peer, posix.getsockname(server.fd))
      expect(channels.receiveAll(peer)).toHaveLength(0)
      expect(server.errors).toHaveLength(1)
    })
  })

  test.skipIf(wait.name.startsWith('atomics'))('urgent data is exceptional', async () => {
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    const { default: koffi } = await import('koffi')
    const send = koffi.load(null).func('long send(int fd, void *bytes, size_t size, int flags)')
    const MSG_OOB = 1
    expect(send(peer, Buffer.from('!'), 1, MSG_OOB)).toBe(1)
    channels.until(() => recorder.calls.length > 0)
    expect(recorder.calls).toContain('expt')
  })

  test.skipIf(wait.name.startsWith('atomics'))('failed binds leave no descriptor behind', () => {
    const holder = new Recorder(map)
    const address = listen(holder)
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (let i = 0; i < 1000; i++) {
      expect(() => new Listener(map, { address, backlog: 5, maxConnections: 1 })).toThrow(
        'EADDRINUSE',
      )
    }
    expect(count()).toBe(before)
    expect(map.size).toBe(1)
  })
})

/** What a poller is told, and what it says: scripted, for the order of things within one pass. */
class ScriptedPoller implements Poller {
  readonly watched = new Map<number, number>()
  readonly timeouts: number[] = []
  coming = 0

  add(fd: number, events: number): void {
    this.watched.set(fd, events)
  }
  modify(fd: number, events: number): void {
    this.watched.set(fd, events)
  }
  remove(fd: number): void {
    this.watched.delete(fd)
  }
  wait(timeout: number): number {
    this.timeouts.push(timeout)
    return this.watched.size
  }
  fd(i: number): number {
    return [...this.watched.keys()][i]!
  }
  events(_i: number): number {
    return this.coming
  }
  close(): void {}
}

describe('asyncore, the order within a pass', () => {
  const FD = 3

  function script(errno = 0): { map: SocketMap; poller: ScriptedPoller; channel: Recorder } {
    const poller = new ScriptedPoller()
    const posix = {
      getpeername: () => LOOPBACK,
      socketError: () => errno,
      recv: () => 1,
      close: () => {},
    } as unknown as Posix
    const map = new SocketMap(posix, poller)
    return { map, poller, channel: new Recorder(map, FD) }
  }

  test('readable, writable, exceptional, hang-up', () => {
    const { map, poller, channel } = script()
    poller.coming = POLLIN | POLLOUT | POLLPRI | POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual(['read', 'read done', 'write', 'expt', 'close'])
  })

  test.each([
    ['POLLERR', POLLERR, constants.errno.ETIMEDOUT, 'ETIMEDOUT'],
    ['POLLERR whose errno was fetched already', POLLERR, 0, 'EPIPE'],
    ['POLLNVAL', POLLNVAL, 0, 'EBADF'],
  ])('%s closes, and says why', (_, events, errno, code) => {
    const { map, poller, channel } = script(errno)
    poller.coming = events
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([expect.objectContaining({ code })])
  })

  test('a hang-up without an error closes without one', () => {
    const { map, poller, channel } = script()
    poller.coming = POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([])
  })

  test('exceptional with an errno pending closes', () => {
    const { map, poller, channel } = script(constants.errno.ETIMEDOUT)
    poller.coming = POLLPRI
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([expect.objectContaining({ code: 'ETIMEDOUT' })])
  })

  test.each(['close', 'delChannel'] as const)('nothing follows a %s in the same pass', (leave) => {
    const { map, poller, channel } = script()
    channel.handleRead = () => channel[leave]()
    poller.coming = POLLIN | POLLOUT | POLLPRI | POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual([])
  })

  test('a listener is never polled for writing, a channel at its end never for reading', () => {
    const { map, poller, channel } = script()
    channel.writable = () => true
    poll(0, map)
    expect(poller.watched.get(FD)).toBe(POLLIN | POLLPRI | POLLOUT)
    channel.accepting = true
    poll(0, map)
    expect(poller.watched.get(FD)).toBe(POLLIN | POLLPRI)
    channel.accepting = false
    channel.ended = true
    poll(0, map)
    expect(poller.watched.get(FD)).toBe(POLLOUT)
  })

  test('timeouts are in seconds, 30 unless given; negative is for ever', () => {
    const { map, poller } = script()
    loop(undefined, map, 1)
    poll(0.25, map)
    poll(0, map)
    poll(-1, map)
    expect(poller.timeouts).toEqual([30_000, 250, 0, Number.POSITIVE_INFINITY])
  })

  test('count is the number of passes', () => {
    const { map, poller } = script()
    loop(1, map, 7)
    expect(poller.timeouts).toHaveLength(7)
  })

  test.each([
    ['ECONNABORTED', constants.errno.ECONNABORTED],
    ['EAGAIN', constants.errno.EAGAIN],
    ['EWOULDBLOCK', constants.errno.EWOULDBLOCK],
  ])('accept makes null of %s', (_, errno) => {
    const { map, channel } = script()
    map.posix.accept = () => {
      throw new SystemError('accept', errno)
    }
    expect(channel.accept()).toBeNull()
  })

  test('accept throws what it can not help', () => {
    const { map, channel } = script()
    map.posix.accept = () => {
      throw new SystemError('accept', constants.errno.EMFILE)
    }
    expect(() => channel.accept()).toThrow('EMFILE')
  })

  test('a socket that lost its peer before it got here is not connected yet', () => {
    const { map } = script()
    map.posix.getpeername = () => {
      throw new SystemError('getpeername', constants.errno.ENOTCONN)
    }
    const channel = new Recorder(map, FD + 1)
    expect([channel.connected, channel.addr, map.size]).toEqual([false, null, 2])
    map.posix.getpeername = () => {
      throw new SystemError('getpeername', constants.errno.EBADF)
    }
    expect(() => new Recorder(map, FD + 2)).toThrow('EBADF')
    expect(map.size).toBe(2)
  })

  test('log and logInfo write to stderr; warnings are kept silent', () => {
    const { channel } = script()
    vi.mocked(writeSync).mockClear()
    channel.log('plain')
    channel.logInfo('for your information')
    channel.logInfo('broken', 'error')
    channel.logInfo('nobody handles this', 'warning')
    const lines = vi.mocked(writeSync).mock.calls
    expect(lines).toEqual([
      [2, 'log: plain\n'],
      [2, 'info: for your information\n'],
      [2, 'error: broken\n'],
    ])
    channel.ignoreLogTypes = new Set()
    channel.logInfo('nobody handles this', 'warning')
    expect(lines.at(-1)).toEqual([2, 'warning: nobody handles this\n'])
  })
})
