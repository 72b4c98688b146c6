import { constants } from 'node:os'
import { expect, test, vi } from 'vitest'
import { DispatcherWithSend } from '../../servers/04-asyncore/dispatcher-with-send.ts'
import { SHUT_WR, SystemError } from '../../servers/posix/api.ts'
import { listen, MiB, Recorder, reconnect } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** The dispatcher with send: what it keeps until the kernel takes it. */
export function sendTests(channels: Channels): void {
  test('send takes all bytes, and sends them in order as the peer reads', () => {
    const { map } = channels
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

  test('a dispatcher is writable until it is connected, and while output waits', () => {
    const { map } = channels
    const unconnected = new DispatcherWithSend(map)
    expect(unconnected.writable()).toBe(true)
    const channel = new DispatcherWithSend(map, channels.pair().accepted.fd)
    expect(channel.writable()).toBe(false)
    channel.send(new Uint8Array(32 * MiB))
    expect(channel.writable()).toBe(true)
  })

  test('output that waits is a copy: the caller may use its memory again', () => {
    const { map, posix } = channels
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

  test('output that waits at a half-close is sent; handleClose comes once, after it', () => {
    const { map, posix } = channels
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

  test('a channel that connects again owes nothing from before, and does not close when sent', () => {
    const { map, posix } = channels
    const server = new Recorder(map)
    const address = listen(server)
    const { accepted, peer } = channels.pair()
    const channel = new DispatcherWithSend(map, accepted.fd)
    const closes = vi.spyOn(channel, 'handleClose')
    channel.handleRead = () => channel.recv(100)
    channel.send(new Uint8Array(16 * MiB))
    posix.shutdown(peer, SHUT_WR)
    channels.until(() => channel.ended)
    reconnect(channel, address)
    expect(channel.ended).toBe(false)
    channel.send(Buffer.from('hello'))
    channels.until(() => channel.connected && channel.outBuffer.length === 0)
    expect(closes).not.toHaveBeenCalled()
    expect(channel.fd).toBeGreaterThanOrEqual(0)
  })

  test('what a lost connection has not taken is not sent on the next one', () => {
    const { map, posix } = channels
    const address = listen(new Recorder(map))
    const channel = new DispatcherWithSend(map, channels.pair().accepted.fd)
    channel.handleClose = () => {
      reconnect(channel, address)
      channel.send(Buffer.from('hello again'))
    }
    vi.spyOn(posix, 'send').mockImplementationOnce(() => {
      throw new SystemError('send', constants.errno.EPIPE)
    })
    expect(channel.send(Buffer.from('a reply'))).toBe(7)
    expect(Buffer.from(channel.outBuffer.peek()).toString()).toBe('hello again')
  })

  test('output that waits for a peer that has reset is dropped', () => {
    const { map } = channels
    const { accepted, peer } = channels.pair()
    const channel = new DispatcherWithSend(map, accepted.fd)
    channel.send(new Uint8Array(16 * MiB))
    channels.closePeer(peer, 'reset')
    channels.until(() => map.size === 0)
    expect(channel.outBuffer.length).toBe(0)
  })
}
