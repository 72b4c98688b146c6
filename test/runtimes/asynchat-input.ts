import { expect, test, vi } from 'vitest'
import { loadSendUrgent } from '../../clients/check/urgent.ts'
import { loop } from '../../servers/04-asyncore/loop.ts'
import type { Terminator } from '../../servers/05-asynchat/async-chat.ts'
import { SimpleProducer } from '../../servers/05-asynchat/producer.ts'
import { SHUT_WR } from '../../servers/posix/api.ts'
import { bytes, MiB, useHarness } from './asynchat-harness.ts'
import type { Channels } from './channels.ts'

const sendUrgent = await loadSendUrgent()

/** Input: how much is read at once, and what becomes of bytes that are not delivered yet. */
export function inputTests(channels: Channels): void {
  const harness = useHarness(channels)

  test('at most 65536 bytes are delivered at once, or fewer by acInBufferSize', () => {
    const { chat } = harness
    expect([chat.acInBufferSize, chat.acOutBufferSize]).toEqual([65536, 65536])
    harness.feed(new Uint8Array(200_000))
    expect(Math.max(...chat.pieces)).toBeLessThanOrEqual(65536)
    chat.acInBufferSize = 10
    chat.pieces.length = 0
    harness.feed(new Uint8Array(95))
    expect(Math.max(...chat.pieces)).toBe(10)
  })

  test('a close in a callback drops the input that is not delivered yet', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\n'))
    chat.onFound = () => chat.close()
    harness.feed('one\ntwo\nthree')
    expect(chat.calls).toEqual(['one', '|'])
  })

  test('a close while collecting drops the terminator that follows, too', () => {
    const { chat } = harness
    chat.setTerminator(3)
    chat.onCollect = () => chat.close()
    harness.feed('onetwo')
    expect(chat.calls).toEqual(['one'])
  })

  test('discardBuffers in a callback drops the rest of the input; the chat goes on', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\n'))
    chat.onFound = () => {
      if (chat.calls.length === 2) chat.discardBuffers()
    }
    harness.feed('one\ntwo\nthr', 'four\n')
    expect(chat.calls).toEqual(['one', '|', 'four', '|'])
  })

  test('discardBuffers drops a held-back start of a terminator, and output that waits', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\r\n'))
    harness.feed('one\r')
    chat.push(new Uint8Array(32 * MiB))
    chat.pushWithProducer(new SimpleProducer(bytes('more')))
    expect(chat.unsent).toBeGreaterThan(0)
    chat.discardBuffers()
    expect([chat.unsent, chat.writable()]).toEqual([0, false])
    harness.feed('\ntwo')
    expect(chat.calls).toEqual(['one\ntwo'])
  })

  test('a throw in a callback goes to handleError, and the rest of the input is kept', () => {
    const { chat } = harness
    chat.setTerminator(bytes('\n'))
    const error = new Error('thrown by a callback')
    chat.handleError = (thrown) => chat.errors.push(thrown)
    chat.onFound = () => {
      if (chat.calls.length === 2) throw error
    }
    harness.feed('one\ntwo\n')
    expect(chat.errors).toEqual([error])
    harness.feed('three\n')
    expect(chat.calls).toEqual(['one', '|', 'two', '|', 'three', '|'])
  })

  test.each<[string, Terminator, string[]]>([
    ['null', null, ['one\r']],
    ['a number', 1, ['one\r', '|']],
  ])(
    'at the end of the stream %s, set meanwhile, holds for what was held back',
    (_, next, calls) => {
      const { chat, peer } = harness
      chat.setTerminator(bytes('\r\n'))
      harness.feed('one\r')
      chat.setTerminator(next)
      channels.posix.shutdown(peer, SHUT_WR)
      channels.until(() => chat.fd < 0)
      expect(chat.calls).toEqual(calls)
    },
  )

  test('at the end of the stream a held-back start of a terminator is collected', () => {
    const { chat, peer } = harness
    chat.setTerminator(bytes('\r\n'))
    harness.feed('one\r')
    channels.posix.shutdown(peer, SHUT_WR)
    channels.until(() => chat.fd < 0)
    expect(chat.calls).toEqual(['one\r'])
  })

  test.skipIf(channels.backend === 'atomics')('urgent data keeps the loop awake once', () => {
    const { chat, peer } = harness
    harness.feed('one')
    const wait = vi.spyOn(channels.map.poller, 'wait')
    sendUrgent(peer)
    channels.until(() => wait.mock.results.at(-1)?.value === 1)
    wait.mockClear()
    loop(0.01, channels.map, 5)
    expect(wait.mock.results.map(({ value }) => value)).toEqual([0, 0, 0, 0, 0])
    harness.feed(' two')
    expect(chat.calls).toEqual(['one two'])
  })
}
