import { expect, test, vi } from 'vitest'
import { SimpleProducer } from '../../servers/05-asynchat/producer.ts'
import { SHUT_WR } from '../../servers/posix/api.ts'
import { bytes, MiB, Recorder, useHarness } from './asynchat-harness.ts'
import type { Channels } from './channels.ts'

/** The output queue: what is pushed, what producers give, and the close after them. */
export function outputTests(channels: Channels): void {
  const harness = useHarness(channels)

  test('push sends at once what the kernel takes', () => {
    const { chat, peer } = harness
    chat.push(bytes('hello'))
    expect([chat.unsent, chat.writable()]).toEqual([0, false])
    expect(channels.receive(peer).toString()).toBe('hello')
  })

  test('push takes bytes only', () => {
    const { chat } = harness
    for (const wrong of ['text', null, 5, [1, 2]]) {
      expect(() => chat.push(wrong as unknown as Uint8Array)).toThrow(TypeError)
    }
  })

  test('no send is larger than the output buffer size', () => {
    const { chat, peer } = harness
    const send = vi.spyOn(channels.posix, 'send')
    chat.acOutBufferSize = 1000
    chat.push(new Uint8Array(2500))
    chat.closeWhenDone()
    expect(channels.receiveAll(peer)).toHaveLength(2500)
    expect(send.mock.calls.map(([, data]) => data.length)).toEqual([1000, 1000, 500])
  })

  test('a big push arrives whole, and the caller may use its memory again', () => {
    const { chat, peer } = harness
    const data = Buffer.alloc(6 * MiB)
    for (let i = 0; i < data.length; i++) data[i] = i % 251
    const expected = Buffer.from(data)
    chat.push(data)
    data.fill(0)
    chat.closeWhenDone()
    expect(channels.receiveAll(peer).equals(expected)).toBe(true)
  })

  test('what callbacks push for one chunk is sent in one call', () => {
    const { chat, peer } = harness
    const send = vi.spyOn(channels.posix, 'send')
    chat.setTerminator(bytes('\n'))
    chat.onFound = () => chat.push(bytes('ok '))
    harness.feed('a\nb\nc\n')
    const sent = send.mock.calls.filter(([fd]) => fd === chat.fd)
    expect(sent.map(([, data]) => Buffer.from(data).toString()).join('')).toBe('ok ok ok ')
    expect(sent).toHaveLength(1)
    expect(channels.receive(peer).toString()).toMatch(/^ok ok /)
  })

  test('a producer is asked when its turn has come, until it returns no bytes', () => {
    const { chat, peer } = harness
    const asked: string[] = []
    const pieces = ['one ', 'two ', '']
    const producer = {
      more: () => {
        const piece = pieces.shift()!
        asked.push(piece)
        return bytes(piece)
      },
    }
    chat.push(new Uint8Array(16 * MiB))
    chat.pushWithProducer(producer)
    chat.push(bytes('three'))
    chat.closeWhenDone()
    expect(asked).toEqual([])
    const received = channels.receiveAll(peer)
    expect(received.subarray(16 * MiB).toString()).toBe('one two three')
    expect(asked).toEqual(['one ', 'two ', ''])
  })

  test.each(['close', 'discardBuffers'] as const)('a producer may call %s', (leave) => {
    const { chat, peer } = harness
    const more = () => {
      chat[leave]()
      return bytes('too late')
    }
    chat.pushWithProducer({ more })
    expect([chat.unsent, chat.writable()]).toEqual([0, leave === 'close'])
    chat.close()
    expect(channels.receiveAll(peer)).toHaveLength(0)
  })

  test('an empty producer and an empty push send nothing and close nothing', () => {
    const { chat } = harness
    chat.pushWithProducer(new SimpleProducer(bytes('')))
    chat.push(bytes(''))
    expect(chat.writable()).toBe(false)
    expect(chat.fd).toBeGreaterThanOrEqual(0)
  })

  test('a simple producer gives pieces of 512 bytes, or of the size it is given', () => {
    const sizesOf = (producer: SimpleProducer) => {
      const sizes: number[] = []
      do sizes.push(producer.more().length)
      while (sizes.at(-1) !== 0)
      return sizes
    }
    expect(sizesOf(new SimpleProducer(new Uint8Array(1100)))).toEqual([512, 512, 76, 0])
    expect(sizesOf(new SimpleProducer(new Uint8Array(20), 10))).toEqual([10, 10, 0])
  })

  test('closeWhenDone closes when everything before it has been sent', () => {
    const { chat, peer } = harness
    const closes: number[] = []
    chat.handleClose = () => {
      closes.push(chat.unsent)
      chat.close()
    }
    chat.push(new Uint8Array(8 * MiB))
    chat.pushWithProducer(new SimpleProducer(new Uint8Array(100_000)))
    chat.closeWhenDone()
    expect(channels.receiveAll(peer)).toHaveLength(8 * MiB + 100_000)
    expect(closes).toEqual([0])
  })

  test('closeWhenDone with nothing to send closes too', () => {
    const { chat, peer } = harness
    chat.closeWhenDone()
    expect(chat.writable()).toBe(true)
    expect(channels.receiveAll(peer)).toHaveLength(0)
    expect(chat.fd).toBe(-1)
  })

  test('a chat is writable until it connects, and then sends what was pushed before', () => {
    const listener = new Recorder(channels.map)
    listener.createSocket('IPv4')
    listener.bind({ family: 'IPv4', address: '127.0.0.1', port: 0 })
    listener.listen(5)
    let answer: Recorder | undefined
    listener.handleAccepted = (socket) => {
      answer = new Recorder(channels.map, socket)
    }
    const client = new Recorder(channels.map)
    expect(client.writable()).toBe(true)
    client.push(bytes('early'))
    client.createSocket('IPv4')
    client.connect(channels.posix.getsockname(listener.fd))
    channels.until(() => answer?.calls.join() === 'early')
    expect(client.writable()).toBe(false)
  })

  test('output that waits at a half-close is sent; handleClose comes once, after it', () => {
    const { chat, peer } = harness
    const closes: number[] = []
    chat.handleClose = () => {
      closes.push(chat.unsent)
      chat.close()
    }
    chat.push(new Uint8Array(16 * MiB))
    channels.posix.shutdown(peer, SHUT_WR)
    channels.until(() => chat.ended)
    expect(closes).toEqual([])
    expect(channels.receiveAll(peer)).toHaveLength(16 * MiB)
    expect(closes).toEqual([0])
  })

  test('last words may be pushed in handleClose', () => {
    const { chat, peer } = harness
    let closes = 0
    chat.handleClose = () => {
      closes += 1
      if (closes > 1) {
        chat.close()
        return
      }
      chat.push(bytes('bye'))
      chat.closeWhenDone()
    }
    channels.posix.shutdown(peer, SHUT_WR)
    expect(channels.receiveAll(peer).toString()).toBe('bye')
    expect(closes).toBe(2)
  })

  test('a connection that was reset keeps no output, and leaves the map', () => {
    const { chat, peer } = harness
    chat.push(new Uint8Array(16 * MiB))
    channels.closePeer(peer, 'reset')
    channels.until(() => chat.fd < 0)
    expect(chat.unsent).toBe(0)
    expect(channels.map.size).toBe(0)
  })
}
