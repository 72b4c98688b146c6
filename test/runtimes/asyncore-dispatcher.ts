import { expect, test, vi } from 'vitest'
import { loadSendUrgent } from '../../clients/check/urgent.ts'
import { Dispatcher } from '../../servers/04-asyncore/dispatcher.ts'
import { loop, poll } from '../../servers/04-asyncore/loop.ts'
import { isSystemError, SHUT_WR } from '../../servers/posix/api.ts'
import { MiB, Recorder } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

const sendUrgent = await loadSendUrgent()

/** A dispatcher on a connection: what it is given, and what it reads, sends and closes. */
export function dispatcherTests(channels: Channels): void {
  test('a dispatcher with a socket is connected, knows its peer and is in the map', () => {
    const { map, posix } = channels
    const { accepted, peer } = channels.pair()
    const channel = new Dispatcher(map, accepted.fd)
    expect(channel.connected).toBe(true)
    expect(channel.addr).toEqual(posix.getsockname(peer))
    expect(map.get(accepted.fd)).toBe(channel)
  })

  test('of twelve channels only the one whose peer has written is called', () => {
    const { map } = channels
    const pairs = Array.from({ length: 12 }, () => channels.pair())
    const recorders = pairs.map(({ accepted }) => new Recorder(map, accepted.fd))
    channels.sendAll(pairs[7]!.peer, 'hello')
    channels.until(() => recorders[7]!.received === 'hello')
    const called = recorders.filter(({ calls }) => calls.length > 0)
    expect(called).toEqual([recorders[7]])
  })

  test('a dispatcher that does not override writable keeps the loop from sleeping', () => {
    const { map } = channels
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
    const { map } = channels
    const { accepted } = channels.pair()
    new Recorder(map, accepted.fd)
    expect(() => new Recorder(map, accepted.fd)).toThrow('watched already')
    expect(map.size).toBe(1)
  })

  test('delChannel takes the channel out of the map, addChannel puts it back', () => {
    const { map } = channels
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

  test('recv returns at most the size asked for, and the rest the next time', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    channels.sendAll(peer, 'abcdef')
    recorder.handleRead = () => {
      recorder.received += `${Buffer.from(recorder.recv(2))}|`
    }
    channels.until(() => recorder.received === 'ab|cd|ef|')
  })

  test('recv before any byte has come returns no bytes, and is not the end', () => {
    const { map } = channels
    const recorder = new Recorder(map, channels.pair().accepted.fd)
    expect(recorder.recv(100)).toHaveLength(0)
    expect(recorder.calls).toEqual([])
  })

  test('recv at the end of the stream calls handleClose once, then returns no bytes', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    channels.sendAll(peer, 'bye')
    channels.closePeer(peer)
    channels.until(() => map.size === 0)
    expect(recorder.calls.slice(-3)).toEqual(['read', 'close', 'read done'])
    expect(recorder.calls.filter((call) => call === 'close')).toHaveLength(1)
    expect(recorder.received).toBe('bye')
    expect(recorder.errors).toEqual([])
  })

  test('a channel that stays open after the end of its input is not asked to read again', () => {
    const { map, posix } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    recorder.handleClose = () => recorder.calls.push('close')
    posix.shutdown(peer, SHUT_WR)
    channels.until(() => recorder.ended)
    loop(0, map, 3)
    expect(recorder.calls).toEqual(['read', 'close', 'read done'])
  })

  test('a reset calls handleClose with its error, and not handleError', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    channels.closePeer(peer, 'reset')
    channels.until(() => map.size === 0)
    expect(recorder.calls).toContain('close')
    expect(recorder.calls).not.toContain('error')
    expect(recorder.errors).toEqual([expect.objectContaining({ code: 'ECONNRESET' })])
  })

  test('send returns how many bytes the kernel took: 0 when its buffer is full', () => {
    const { map } = channels
    const recorder = new Recorder(map, channels.pair().accepted.fd)
    const data = new Uint8Array(MiB)
    let total = 0
    let sent = recorder.send(data)
    for (; sent > 0; sent = recorder.send(data)) total += sent
    expect(total).toBeGreaterThan(0)
    expect(recorder.calls).toEqual([])
  })

  test('send to a peer that has reset calls handleClose and returns 0', () => {
    const { map } = channels
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

  test('close leaves the map, gives the descriptor back, and may be repeated', () => {
    const { map, posix } = channels
    const { accepted, peer } = channels.pair()
    const recorder = new Recorder(map, accepted.fd)
    recorder.ended = true
    recorder.close()
    const { connected, accepting, connecting, ended, fd } = recorder
    expect({ connected, accepting, connecting, ended, fd }).toEqual({
      connected: false,
      accepting: false,
      connecting: false,
      ended: false,
      fd: -1,
    })
    const other = channels.pair()
    recorder.close()
    channels.sendAll(other.peer, 'still there')
    expect(channels.receiveAll(peer)).toHaveLength(0)
    expect(posix.getpeername(other.accepted.fd)).toEqual(posix.getsockname(other.peer))
    posix.close(other.accepted.fd)
  })

  test.skipIf(channels.backend === 'atomics')(
    'urgent data calls handleExpt once, then the loop sleeps until more input comes',
    () => {
      const { map } = channels
      const { accepted, peer } = channels.pair()
      const recorder = new Recorder(map, accepted.fd)
      sendUrgent(peer)
      channels.until(() => recorder.calls.length > 0)
      const wait = vi.spyOn(map.poller, 'wait')
      loop(0.01, map, 5)
      expect(wait.mock.results.map(({ value }) => value)).toEqual([0, 0, 0, 0, 0])
      expect(recorder.calls).toEqual(['expt'])
      channels.sendAll(peer, 'more')
      channels.until(() => recorder.received === 'more')
      sendUrgent(peer)
      channels.until(() => recorder.calls.at(-1) === 'expt')
    },
  )
}
