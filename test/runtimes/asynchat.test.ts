/** asynchat: framing by terminators, and the output queue, on every way to wait. */
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AsyncChat,
  findPrefixAtEnd,
  type Terminator,
} from '../../servers/05-asynchat/async-chat.ts'
import { SimpleProducer } from '../../servers/05-asynchat/producer.ts'
import { type Posix, SHUT_WR } from '../../servers/posix/api.ts'
import { cut, sizes } from '../protocol/arbitrary.ts'
import { Channels, type System, WAITS } from './channels.ts'

const MiB = 2 ** 20

/**
 * Writes its calls down: what was collected since the last call as a string, what was found as `|`.
 * Neighbouring pieces are joined, since where a stream is cut into chunks must make no difference.
 */
class Recorder extends AsyncChat {
  readonly calls: string[] = []
  readonly errors: unknown[] = []
  /** The sizes of the pieces as they came. */
  readonly pieces: number[] = []
  onFound = (): void => {}
  onCollect = (): void => {}

  override collectIncomingData(data: Uint8Array): void {
    this.pieces.push(data.length)
    const text = Buffer.from(data).toString('latin1')
    const last = this.calls.at(-1)
    if (last === undefined || last === '|') this.calls.push(text)
    else this.calls[this.calls.length - 1] = last + text
    this.onCollect()
  }
  override foundTerminator(): void {
    this.calls.push('|')
    this.onFound()
  }
  override handleError(error: unknown): void {
    this.errors.push(error)
    this.handleClose()
  }
}

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe.each(WAITS.map((wait) => [wait.name, wait] as const))('asynchat, %s', (_, wait) => {
  let system: System
  let channels: Channels
  let posix: Posix
  let chat: Recorder
  let peer: number

  beforeAll(async () => {
    system = await wait.open()
  })

  afterAll(() => system.stop?.())

  beforeEach(async () => {
    channels = await Channels.open(system, wait)
    posix = channels.posix
    renew()
  })

  afterEach(() => {
    vi.restoreAllMocks()
    channels.close()
  })

  function renew(): void {
    const pair = channels.pair()
    peer = pair.peer
    chat = new Recorder(channels.map, pair.accepted.fd)
  }

  /** Sends the chunks one by one, each after the chat has received the one before. */
  function feed(...chunks: (string | Uint8Array)[]): void {
    for (const chunk of chunks) {
      if (chunk.length === 0) continue
      let received = 0
      const { recv } = posix
      const spy = vi.spyOn(posix, 'recv').mockImplementation((fd, buffer) => {
        const count = recv.call(posix, fd, buffer)
        if (fd === chat.fd && count > 0) received += count
        return count
      })
      const data = typeof chunk === 'string' ? bytes(chunk) : chunk
      channels.sendAll(peer, data)
      channels.until(() => received === data.length || chat.fd < 0)
      spy.mockRestore()
    }
  }

  describe('terminators', () => {
    test('found whole', () => {
      chat.setTerminator(bytes('\r\n'))
      feed('one\r\ntwo\r\nthree')
      expect(chat.calls).toEqual(['one', '|', 'two', '|', 'three'])
    })

    test('split over any number of chunks', () => {
      chat.setTerminator(bytes('<end>'))
      feed('one', '<', 'e', 'nd', '>two<en', 'd>')
      expect(chat.calls).toEqual(['one', '|', 'two', '|'])
    })

    test('a false prefix is collected again', () => {
      chat.setTerminator(bytes('ab'))
      feed('aab')
      expect(chat.calls).toEqual(['a', '|'])
      feed('a', 'a', 'c', 'a', 'b')
      expect(chat.calls).toEqual(['a', '|', 'aac', '|'])
    })

    test('a prefix of the terminator waits for what follows', () => {
      chat.setTerminator(bytes('\r\n'))
      feed('one\r')
      expect(chat.calls).toEqual(['one'])
      feed('two')
      expect(chat.calls).toEqual(['one\rtwo'])
    })

    test('repeated without content: found without collected', () => {
      chat.setTerminator(bytes('\n'))
      feed('\n\n', '\n')
      expect(chat.calls).toEqual(['|', '|', '|'])
    })

    test.each<[string, Terminator]>([
      ['null', null],
      ['0', 0],
      ['empty', new Uint8Array(0)],
    ])('%s collects everything and finds nothing', (_, terminator) => {
      chat.setTerminator(terminator)
      feed('one\n', '\n', 'two')
      expect(chat.calls).toEqual(['one\n\ntwo'])
    })

    test('none is set at first', () => {
      expect(chat.getTerminator()).toBeNull()
    })

    test.each([-1, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%d is an error', (number) => {
      expect(() => chat.setTerminator(number)).toThrow(RangeError)
      expect(chat.getTerminator()).toBeNull()
    })

    test('a number counts down across chunks, is 0 when found, and must be set anew', () => {
      const left: Terminator[] = []
      chat.onFound = () => left.push(chat.getTerminator())
      chat.setTerminator(5)
      feed('ab')
      expect(chat.getTerminator()).toBe(3)
      feed('cdefg', 'hi')
      expect(left).toEqual([0])
      expect(chat.calls).toEqual(['abcde', '|', 'fghi'])
    })

    test('changed in a callback it holds for the rest of the same buffer', () => {
      const next: Terminator[] = [3, bytes('\r\n'), bytes('|'), null]
      chat.onFound = () => chat.setTerminator(next.shift()!)
      chat.setTerminator(bytes('\n'))
      feed('head\nab\nline\nstill\r\nbar|rest\n\r\n|')
      expect(chat.calls).toEqual([
        'head',
        '|',
        'ab\n',
        '|',
        'line\nstill',
        '|',
        'bar',
        '|',
        'rest\n\r\n|',
      ])
    })

    test('thirty thousand changes within one buffer', () => {
      const [comma, dot] = [bytes(','), bytes('.')]
      chat.onFound = () => chat.setTerminator(chat.getTerminator() === comma ? dot : comma)
      chat.setTerminator(comma)
      feed('a,b.'.repeat(15_000))
      expect(chat.calls).toHaveLength(60_000)
      expect(chat.calls.slice(-4)).toEqual(['a', '|', 'b', '|'])
    })

    test('what a callback of collecting sets is not overwritten by the count', () => {
      chat.onCollect = () => chat.setTerminator(bytes('\n'))
      chat.setTerminator(100)
      feed('abc', 'def\n')
      expect(chat.calls).toEqual(['abcdef', '|'])
    })

    test('a stream may be cut anywhere: bytes as terminator', () => {
      const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 60 })
      const terminator = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 })
      const sameCalls = fc.property(text, terminator, sizes, (whole, end, sizes) => {
        renew()
        chat.setTerminator(bytes(end))
        feed(...cut(bytes(whole), sizes))
        endAndForget()
        expect(chat.calls).toEqual(splitAt(whole, end))
      })
      fc.assert(sameCalls, { numRuns: 60 })
    })

    test('a stream may be cut anywhere: numbers and bytes in turn', () => {
      const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 60 })
      const terminators = fc.array(
        fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constantFrom('\n', 'ab', 'aab')),
        { minLength: 1, maxLength: 5 },
      )
      const sameCalls = fc.property(text, terminators, sizes, (whole, terminators, sizes) => {
        renew()
        let turn = 0
        const setNext = () => {
          const next = terminators[turn++ % terminators.length]!
          chat.setTerminator(typeof next === 'number' ? next : bytes(next))
        }
        chat.onFound = setNext
        setNext()
        feed(...cut(bytes(whole), sizes))
        endAndForget()
        expect(chat.calls).toEqual(splitInTurn(whole, terminators))
      })
      fc.assert(sameCalls, { numRuns: 60 })
    })

    function endAndForget(): void {
      channels.closePeer(peer)
      channels.until(() => chat.fd < 0)
    }
  })

  describe('input', () => {
    test('at most 65536 bytes are delivered at once, and less if told so', () => {
      expect([chat.acInBufferSize, chat.acOutBufferSize]).toEqual([65536, 65536])
      feed(new Uint8Array(200_000))
      expect(Math.max(...chat.pieces)).toBeLessThanOrEqual(65536)
      chat.acInBufferSize = 10
      chat.pieces.length = 0
      feed(new Uint8Array(95))
      expect(Math.max(...chat.pieces)).toBe(10)
    })

    test('a close in a callback drops what is still buffered', () => {
      chat.setTerminator(bytes('\n'))
      chat.onFound = () => chat.close()
      feed('one\ntwo\nthree')
      expect(chat.calls).toEqual(['one', '|'])
    })

    test('a close while collecting drops the terminator behind it too', () => {
      chat.setTerminator(3)
      chat.onCollect = () => chat.close()
      feed('onetwo')
      expect(chat.calls).toEqual(['one'])
    })

    test('discardBuffers in a callback drops the rest, and the chat goes on', () => {
      chat.setTerminator(bytes('\n'))
      chat.onFound = () => {
        if (chat.calls.length === 2) chat.discardBuffers()
      }
      feed('one\ntwo\nthr', 'four\n')
      expect(chat.calls).toEqual(['one', '|', 'four', '|'])
    })

    test('discardBuffers forgets a prefix that was held back, and output that waits', () => {
      chat.setTerminator(bytes('\r\n'))
      feed('one\r')
      chat.push(new Uint8Array(32 * MiB))
      chat.pushWithProducer(new SimpleProducer(bytes('more')))
      expect(chat.unsent).toBeGreaterThan(0)
      chat.discardBuffers()
      expect([chat.unsent, chat.writable()]).toEqual([0, false])
      feed('\ntwo')
      expect(chat.calls).toEqual(['one\ntwo'])
    })

    test('a throw in a callback goes to handleError; the rest of the buffer is still there', () => {
      chat.setTerminator(bytes('\n'))
      const error = new Error('thrown by a callback')
      chat.handleError = (thrown) => chat.errors.push(thrown)
      chat.onFound = () => {
        if (chat.calls.length === 2) throw error
      }
      feed('one\ntwo\n')
      expect(chat.errors).toEqual([error])
      feed('three\n')
      expect(chat.calls).toEqual(['one', '|', 'two', '|', 'three', '|'])
    })

    test('at the end of the stream a prefix that was held back is collected', () => {
      chat.setTerminator(bytes('\r\n'))
      feed('one\r')
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => chat.fd < 0)
      expect(chat.calls).toEqual(['one\r'])
    })
  })

  describe('output', () => {
    test('push sends at once what the kernel takes', () => {
      chat.push(bytes('hello'))
      expect([chat.unsent, chat.writable()]).toEqual([0, false])
      expect(channels.receive(peer).toString()).toBe('hello')
    })

    test('push takes bytes only', () => {
      for (const wrong of ['text', null, 5, [1, 2]]) {
        expect(() => chat.push(wrong as unknown as Uint8Array)).toThrow(TypeError)
      }
    })

    test('no send is larger than the output buffer size', () => {
      const send = vi.spyOn(posix, 'send')
      chat.acOutBufferSize = 1000
      chat.push(new Uint8Array(2500))
      chat.closeWhenDone()
      expect(channels.receiveAll(peer)).toHaveLength(2500)
      expect(send.mock.calls.map(([, data]) => data.length)).toEqual([1000, 1000, 500])
    })

    test('a big push arrives whole; the pusher may use its memory again', () => {
      const data = Buffer.alloc(6 * MiB)
      for (let i = 0; i < data.length; i++) data[i] = i % 251
      const expected = Buffer.from(data)
      chat.push(data)
      data.fill(0)
      chat.closeWhenDone()
      expect(channels.receiveAll(peer).equals(expected)).toBe(true)
    })

    test('what callbacks push for one chunk goes out in one send', () => {
      const send = vi.spyOn(posix, 'send')
      chat.setTerminator(bytes('\n'))
      chat.onFound = () => chat.push(bytes('ok '))
      feed('a\nb\nc\n')
      const sent = send.mock.calls.filter(([fd]) => fd === chat.fd)
      expect(sent.map(([, data]) => Buffer.from(data).toString()).join('')).toBe('ok ok ok ')
      expect(sent).toHaveLength(1)
      expect(channels.receive(peer).toString()).toMatch(/^ok ok /)
    })

    test('a producer is asked when its turn has come, until it returns nothing', () => {
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
      const more = () => {
        chat[leave]()
        return bytes('too late')
      }
      chat.pushWithProducer({ more })
      expect([chat.unsent, chat.writable()]).toEqual([0, leave === 'close'])
      chat.close()
      expect(channels.receiveAll(peer)).toHaveLength(0)
    })

    test('an empty producer and an empty push are nothing', () => {
      chat.pushWithProducer(new SimpleProducer(bytes('')))
      chat.push(bytes(''))
      expect(chat.writable()).toBe(false)
      expect(chat.fd).toBeGreaterThanOrEqual(0)
    })

    test('a simple producer gives pieces of 512, or as told', () => {
      const sizesOf = (producer: SimpleProducer) => {
        const sizes: number[] = []
        do sizes.push(producer.more().length)
        while (sizes.at(-1) !== 0)
        return sizes
      }
      expect(sizesOf(new SimpleProducer(new Uint8Array(1100)))).toEqual([512, 512, 76, 0])
      expect(sizesOf(new SimpleProducer(new Uint8Array(20), 10))).toEqual([10, 10, 0])
    })

    test('closeWhenDone closes after everything before it was sent', () => {
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
      chat.closeWhenDone()
      expect(chat.writable()).toBe(true)
      expect(channels.receiveAll(peer)).toHaveLength(0)
      expect(chat.fd).toBe(-1)
    })

    test('writable while it is not connected, and what was pushed before goes out then', () => {
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
      client.connect(posix.getsockname(listener.fd))
      channels.until(() => answer?.calls.join() === 'early')
      expect(client.writable()).toBe(false)
    })

    test('what waits at a half-close is sent, and handleClose comes once, after it', () => {
      const closes: number[] = []
      chat.handleClose = () => {
        closes.push(chat.unsent)
        chat.close()
      }
      chat.push(new Uint8Array(16 * MiB))
      posix.shutdown(peer, SHUT_WR)
      channels.until(() => chat.ended)
      expect(closes).toEqual([])
      expect(channels.receiveAll(peer)).toHaveLength(16 * MiB)
      expect(closes).toEqual([0])
    })

    test('last words may be pushed in handleClose', () => {
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
      posix.shutdown(peer, SHUT_WR)
      expect(channels.receiveAll(peer).toString()).toBe('bye')
      expect(closes).toBe(2)
    })

    test('a connection that has ended holds on to nothing', () => {
      chat.push(new Uint8Array(16 * MiB))
      channels.closePeer(peer, 'reset')
      channels.until(() => chat.fd < 0)
      expect(chat.unsent).toBe(0)
      expect(channels.map.size).toBe(0)
    })
  })
})

test('findPrefixAtEnd: how much of a terminator the input ends with', () => {
  const prefix = (input: string, terminator: string, start?: number) =>
    findPrefixAtEnd(bytes(input), bytes(terminator), start)
  expect(prefix('qwerty\r', '\r\n')).toBe(1)
  expect(prefix('qwerty', '\r\n')).toBe(0)
  expect(prefix('aba', 'abab')).toBe(3)
  expect(prefix('abaab', 'abab')).toBe(2)
  expect(prefix('ab', 'abab', 1)).toBe(0)
  expect(prefix('', 'abab')).toBe(0)
})

/** The calls that a stream with one terminator makes. */
function splitAt(whole: string, terminator: string): string[] {
  const parts = whole.split(terminator)
  return parts.flatMap((part, i) => (i === 0 ? [part] : ['|', part])).filter((part) => part !== '')
}

/** The calls that a stream makes whose terminators come round and round, one after each found. */
function splitInTurn(whole: string, terminators: readonly (number | string)[]): string[] {
  const calls: string[] = []
  let rest = whole
  for (let turn = 0; rest !== ''; turn++) {
    const terminator = terminators[turn % terminators.length]!
    const isNumber = typeof terminator === 'number'
    const end = isNumber ? terminator : rest.indexOf(terminator)
    if (end < 0 || end > rest.length) return [...calls, rest]
    calls.push(...[rest.slice(0, end)].filter(Boolean), '|')
    rest = rest.slice(end + (isNumber ? 0 : terminator.length))
  }
  return calls
}
