import { writeSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, test, vi } from 'vitest'
import { loop, poll, SocketMap } from '../../servers/04-asyncore/loop.ts'
import {
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLNVAL,
  POLLOUT,
  POLLPRI,
  type Posix,
  SystemError,
} from '../../servers/posix/api.ts'
import type { Poller } from '../../servers/posix/poller.ts'
import { LOOPBACK, Recorder, reconnect } from './asyncore-harness.ts'

/** Reports the same events for each descriptor: to see the order of the calls in one pass. */
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

const FD = 3

function script(errno = 0): { map: SocketMap; poller: ScriptedPoller; channel: Recorder } {
  const poller = new ScriptedPoller()
  const posix = {
    getpeername: () => LOOPBACK,
    socketError: () => errno,
    recv: () => 1,
    socket: () => FD,
    connect: () => false,
    close: () => {},
  } as unknown as Posix
  const map = new SocketMap(posix, poller)
  return { map, poller, channel: new Recorder(map, FD) }
}

/** One pass of the loop: which calls its events make, and in which order. */
export function passTests(): void {
  test('the calls of one channel come in the order read, write, exceptional, close', () => {
    const { map, poller, channel } = script()
    poller.coming = POLLIN | POLLOUT | POLLPRI | POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual(['read', 'read done', 'write', 'expt', 'close'])
  })

  test.each([
    ['POLLERR', POLLERR, constants.errno.ETIMEDOUT, 'ETIMEDOUT'],
    ['POLLERR whose errno was fetched already', POLLERR, 0, 'EPIPE'],
    ['POLLNVAL', POLLNVAL, 0, 'EBADF'],
  ])('%s closes the channel with its error', (_, events, errno, code) => {
    const { map, poller, channel } = script(errno)
    poller.coming = events
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([expect.objectContaining({ code })])
  })

  test('a hang-up without an error closes the channel without an error', () => {
    const { map, poller, channel } = script()
    poller.coming = POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([])
  })

  test('POLLPRI closes the channel if an errno is pending', () => {
    const { map, poller, channel } = script(constants.errno.ETIMEDOUT)
    poller.coming = POLLPRI
    poll(0, map)
    expect(channel.calls).toEqual(['close'])
    expect(channel.errors).toEqual([expect.objectContaining({ code: 'ETIMEDOUT' })])
  })

  test.each(['close', 'delChannel'] as const)('no call follows a %s in the same pass', (leave) => {
    const { map, poller, channel } = script()
    channel.handleRead = () => channel[leave]()
    poller.coming = POLLIN | POLLOUT | POLLPRI | POLLHUP
    poll(0, map)
    expect(channel.calls).toEqual([])
  })

  test('what a pass has left for a socket does not reach the next one with its number', () => {
    const { map, poller, channel } = script()
    channel.handleRead = () => reconnect(channel, LOOPBACK)
    poller.coming = POLLIN | POLLOUT | POLLPRI | POLLHUP
    poll(0, map)
    expect([channel.fd, channel.calls]).toEqual([FD, []])
    expect(map.get(FD)).toBe(channel)
  })

  test.each([
    ['connects', POLLIN, 'handleConnect'],
    ['connects', POLLOUT, 'handleConnect'],
    ['has urgent data', POLLPRI | POLLHUP, 'handleExpt'],
  ] as const)('nor after a reconnect when it %s, %i', (_, events, handler) => {
    const { map, poller, channel } = script()
    channel.connecting = handler === 'handleConnect'
    channel[handler] = () => reconnect(channel, LOOPBACK)
    poller.coming = events
    poll(0, map)
    expect(channel.calls).toEqual([])
    expect([channel.connected, channel.connecting]).toEqual([false, true])
  })

  test.each([
    ['close', (channel: Recorder) => channel.close(), []],
    ['connect again', (channel: Recorder) => reconnect(channel, LOOPBACK), [FD]],
  ])('a channel may %s in readable', (_, leave, watched) => {
    const { map, poller, channel } = script()
    channel.readable = () => {
      channel.readable = () => true
      leave(channel)
      return true
    }
    poll(0, map)
    expect([...poller.watched.keys()]).toEqual(watched)
    expect(map.get(FD)).toBe(watched.length > 0 ? channel : undefined)
  })

  test.each([
    ['POLLERR', POLLERR, false],
    ['POLLHUP after the end of its input', POLLHUP, true],
  ])('%s closes a channel that stays open in handleClose', (_, events, ended) => {
    const { map, poller, channel } = script()
    channel.handleClose = () => channel.calls.push('close')
    channel.ended = ended
    poller.coming = events
    loop(0, map, 3)
    expect([channel.calls, map.size]).toEqual([['close'], 0])
  })

  test('POLLHUP while input is unread leaves it to handleClose to close', () => {
    const { map, poller, channel } = script()
    channel.handleClose = () => channel.calls.push('close')
    poller.coming = POLLIN | POLLHUP
    loop(0, map, 2)
    expect(channel.calls.filter((call) => call === 'close')).toHaveLength(2)
    expect(map.get(FD)).toBe(channel)
  })

  test('urgent data is asked for again after more input has come', () => {
    const { map, poller } = script()
    const asked = [POLLPRI, 0, POLLIN, 0].map((coming) => {
      poller.coming = coming
      poll(0, map)
      return poller.watched.get(FD)! & POLLPRI
    })
    expect(asked).toEqual([POLLPRI, 0, 0, POLLPRI])
  })

  test('a listener is not polled for output, nor an ended channel for input', () => {
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

  test('timeouts are in seconds, 30 by default; a negative one waits for ever', () => {
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
  ])('accept returns null for %s', (_, errno) => {
    const { map, channel } = script()
    map.posix.accept = () => {
      throw new SystemError('accept', errno)
    }
    expect(channel.accept()).toBeNull()
  })

  test('accept throws EMFILE', () => {
    const { map, channel } = script()
    map.posix.accept = () => {
      throw new SystemError('accept', constants.errno.EMFILE)
    }
    expect(() => channel.accept()).toThrow('EMFILE')
  })

  test('a socket without a peer is not connected; another error is thrown', () => {
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

  test('log and logInfo write to stderr, and leave out warnings', () => {
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
}
