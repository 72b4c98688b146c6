import { constants } from 'node:os'
import { expect, test, vi } from 'vitest'
import { type Address, SHUT_WR, SystemError } from '../../servers/posix/api.ts'
import { bytes, MiB, Recorder, useHarness } from './asynchat-harness.ts'
import { listen, reconnect } from './asyncore-harness.ts'
import type { Channels } from './channels.ts'

/** A chat that connects again: what is left of the connection before. */
export function reconnectTests(channels: Channels): void {
  const harness = useHarness(channels)

  /** Where a server listens. */
  function server(): { address: Address; listener: Recorder } {
    const listener = new Recorder(channels.map)
    return { address: listen(listener), listener }
  }

  test('it hears every line, by the same terminator', () => {
    const { posix, map } = channels
    const { address, listener } = server()
    const greetings = ['one\n', 'two\n', 'three\n']
    listener.handleAccepted = (socket) => {
      posix.send(socket, bytes(greetings.shift()!))
      posix.close(socket)
    }
    const client = new Recorder(map)
    client.setTerminator(bytes('\n'))
    client.handleClose = () => {
      if (greetings.length > 0) reconnect(client, address)
      else client.close()
    }
    reconnect(client, address)
    channels.until(() => client.fd < 0)
    expect(client.calls).toEqual(['one', '|', 'two', '|', 'three', '|'])
  })

  test('it owes nothing from before, and does not close when all is sent', () => {
    const { chat, peer } = harness
    const { address } = server()
    const closes = vi.spyOn(chat, 'handleClose')
    chat.push(new Uint8Array(16 * MiB))
    channels.posix.shutdown(peer, SHUT_WR)
    channels.until(() => chat.ended)
    reconnect(chat, address)
    chat.push(bytes('hello'))
    expect(chat.unsent).toBe(5)
    channels.until(() => chat.connected && chat.unsent === 0)
    expect(closes).not.toHaveBeenCalled()
  })

  test('what a lost connection has not taken is not sent on the next one', () => {
    const { chat } = harness
    const { address } = server()
    chat.handleClose = () => {
      reconnect(chat, address)
      chat.push(bytes('hello again'))
    }
    vi.spyOn(channels.posix, 'send').mockImplementationOnce(() => {
      throw new SystemError('send', constants.errno.EPIPE)
    })
    chat.push(bytes('a reply'))
    expect(chat.unsent).toBe('hello again'.length)
  })

  test('what a producer gives after it has connected again is not sent', () => {
    const { chat } = harness
    const { address } = server()
    const send = vi.spyOn(channels.posix, 'send')
    const more = () => {
      reconnect(chat, address)
      chat.push(bytes('hello again'))
      chat.closeWhenDone()
      return bytes('too late')
    }
    chat.pushWithProducer({ more })
    expect(send).not.toHaveBeenCalled()
    expect([chat.unsent, chat.connecting]).toEqual(['hello again'.length, true])
  })

  test.each([
    ['a terminator', bytes('\n'), 'one\ntwo\n'],
    ['a number', 3, 'onetwo'],
  ])('when it connects again while collecting, %s is not found any more', (_, terminator, text) => {
    const { chat, peer } = harness
    const { address } = server()
    chat.setTerminator(terminator)
    chat.onCollect = () => reconnect(chat, address)
    channels.sendAll(peer, text)
    channels.until(() => chat.calls.length > 0)
    expect(chat.calls).toEqual(['one'])
    expect(chat.connecting).toBe(true)
  })

  test('when it connects again at the end of the stream, the new connection is not closed', () => {
    const { chat, peer } = harness
    const { address } = server()
    const closes = vi.spyOn(chat, 'handleClose')
    chat.setTerminator(bytes('\r\n'))
    harness.feed('\r')
    chat.onCollect = () => reconnect(chat, address)
    channels.posix.shutdown(peer, SHUT_WR)
    channels.until(() => chat.connected && chat.calls.length > 0)
    expect([chat.calls, chat.ended]).toEqual([['\r'], false])
    expect(closes).not.toHaveBeenCalled()
  })
}
