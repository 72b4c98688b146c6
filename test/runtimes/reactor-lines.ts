import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Transport } from '../../servers/06-reactor/interfaces.ts'
import { LineReceiver } from '../../servers/06-reactor/line-receiver.ts'
import { LISTENER, Listed, listen, type Open, Recorder, run } from './reactor-harness.ts'

/** LineReceiver on a connection. */
export function lineTests(open: Open): void {
  test('lines, raw bytes and lines again are received, and each line is answered', async () => {
    const reactor = await open()
    const server = new Lines()
    server.onLine = (line) => {
      if (line === 'raw') server.setRawMode()
      server.sendLine(Buffer.from(`<${line}>`))
    }
    server.onRaw = (data) => {
      const end = data.indexOf('!')
      if (end >= 0) server.setLineMode(Buffer.from(data.subarray(end + 1)))
    }
    const client = new Recorder({
      ...LISTENER,
      made: ({ transport }) => {
        transport.write(Buffer.from('one\r\nraw\r\nthis\r\nis raw!two\r\n\r\nbye\r\nrest'))
        transport.loseWriteConnection()
      },
      lost: () => reactor.stop(),
    })
    const port = await listen(reactor, new Listed(server))
    reactor.connectTCP('127.0.0.1', port.getHost().port, new Listed(client))
    server.readConnectionLost = () => server.transport.loseConnection()
    await run(reactor)
    expect(server.lines).toEqual(['one', 'raw', 'two', '', 'bye'])
    expect(client.received.toString()).toBe('<one>\r\n<raw>\r\n<two>\r\n<>\r\n<bye>\r\n')
  })
}

/** The part of a transport that LineReceiver uses. */
class Paper {
  disconnecting = false
  isPaused = false
  pauseProducing(): void {
    this.isPaused = true
  }
  resumeProducing(): void {
    this.isPaused = false
  }
  stopProducing(): void {
    this.loseConnection()
  }
  loseConnection(): void {
    this.disconnecting = true
  }
}

class Lines extends LineReceiver {
  readonly lines: string[] = []
  readonly raw: string[] = []
  readonly tooLong: number[] = []
  onLine = (_line: string): void => {}
  onRaw = (_data: Buffer): void => {}

  feed(text: string): void {
    this.dataReceived(Buffer.from(text))
  }

  override lineReceived(line: Uint8Array): void {
    const text = Buffer.from(line).toString('latin1')
    this.lines.push(text)
    this.onLine(text)
  }

  override rawDataReceived(data: Uint8Array): void {
    this.raw.push(Buffer.from(data).toString())
    this.onRaw(Buffer.from(data))
  }

  override lineLengthExceeded(rest: Uint8Array): void {
    this.tooLong.push(rest.length)
    super.lineLengthExceeded(rest)
  }
}

function onPaper(): { lines: Lines; paper: Paper } {
  const [lines, paper] = [new Lines(), new Paper()]
  lines.makeConnection(paper as unknown as Transport)
  return { lines, paper }
}

/** Feeds `bytes` in pieces that end at `cuts`. */
function feedCut(lines: Lines, bytes: Buffer, cuts: readonly number[]): void {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  let start = 0
  for (const end of ends) {
    lines.dataReceived(bytes.subarray(start, end))
    start = end
  }
}

describe('LineReceiver', () => {
  test('the lines are the same, however the stream is cut', () => {
    const delimiter = fc.constantFrom('\r\n', '\n', 'aab', '--')
    // With few different bytes, delimiters and false starts of them are likely.
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '\r', '\n', 'x'),
      maxLength: 200,
    })
    const cuts = fc.array(fc.nat(), { maxLength: 40 })
    fc.assert(
      fc.property(
        delimiter,
        text,
        cuts,
        fc.integer({ min: 0, max: 12 }),
        (end, text, cuts, max) => {
          const [whole, cut] = [onPaper(), onPaper()]
          for (const { lines } of [whole, cut]) {
            lines.delimiter = Buffer.from(end)
            lines.MAX_LENGTH = max
          }
          whole.lines.feed(text)
          feedCut(cut.lines, Buffer.from(text), cuts)
          expect(cut.lines.lines).toEqual(whole.lines.lines)
          expect(cut.paper.disconnecting).toBe(whole.paper.disconnecting)
          const complete = text.split(end).slice(0, -1)
          const tooLong = complete.findIndex((line) => line.length > max)
          expect(whole.lines.lines).toEqual(complete.slice(0, tooLong < 0 ? undefined : tooLong))
        },
      ),
    )
  })

  test.each([
    ['at the limit is received', 16384, '\r\n', 1, 0],
    ['at the limit with half a delimiter waits', 16384, '\r', 0, 0],
    ['above the limit is too long', 16385, '\r\n', 0, 1],
    ['above the limit with half a delimiter is too long', 16385, '\r', 0, 1],
    ['above the limit without a delimiter is too long', 16385, '', 0, 1],
  ])('a line %s', (_, length, end, lineCount, tooLongCount) => {
    const { lines, paper } = onPaper()
    lines.feed(`${'x'.repeat(length)}${end}`)
    expect(lines.lines.length).toBe(lineCount)
    expect(lines.tooLong.length).toBe(tooLongCount)
    expect(paper.disconnecting).toBe(tooLongCount === 1)
  })

  test('after a line that is too long no line comes: it is handed over with the rest', () => {
    const { lines } = onPaper()
    lines.MAX_LENGTH = 3
    lines.feed('one\r\nfour\r\nfive\r\n')
    expect(lines.lines).toEqual(['one'])
    expect(lines.tooLong).toEqual(['four\r\nfive\r\n'.length])
  })

  test('a pause stops delivery at once, and resuming loses nothing', () => {
    const { lines, paper } = onPaper()
    lines.onLine = (line) => {
      if (line === 'b') lines.pauseProducing()
    }
    lines.feed('a\r\nb\r\nc\r\nd')
    expect([lines.lines, paper.isPaused]).toEqual([['a', 'b'], true])
    lines.resumeProducing()
    lines.feed('\r\n')
    expect([lines.lines, paper.isPaused]).toEqual([['a', 'b', 'c', 'd'], false])
  })

  test('a pause and a resume in the same callback change nothing', () => {
    const { lines } = onPaper()
    lines.onLine = () => {
      lines.pauseProducing()
      lines.resumeProducing()
    }
    lines.feed('a\r\nb\r\nc\r\n')
    expect(lines.lines).toEqual(['a', 'b', 'c'])
  })

  test('a close inside a callback drops the rest of the input', () => {
    const { lines } = onPaper()
    lines.onLine = () => lines.stopProducing()
    lines.feed('a\r\nb\r\n')
    lines.feed('c\r\n')
    expect(lines.lines).toEqual(['a'])
  })

  test('a delimiter that a callback sets applies to the rest of the input', () => {
    const { lines } = onPaper()
    lines.onLine = () => {
      lines.delimiter = Buffer.from(';')
    }
    lines.feed('a\r\nb\r\nc;d;')
    expect(lines.lines).toEqual(['a', 'b\r\nc', 'd'])
  })

  test('ten thousand changes of mode in one chunk do not overflow the stack', () => {
    const { lines } = onPaper()
    const count = 10_000
    lines.onLine = () => lines.setRawMode()
    lines.onRaw = (data) => lines.setLineMode(data.subarray(1))
    lines.feed('l\r\n!'.repeat(count))
    expect(lines.lines).toEqual(new Array(count).fill('l'))
    expect(lines.raw.length).toBe(count)
  })

  test('a line is a copy, which the callback may keep', () => {
    const kept: Uint8Array[] = []
    class Keeper extends LineReceiver {
      override lineReceived(line: Uint8Array): void {
        kept.push(line)
      }
    }
    const keeper = new Keeper()
    const chunk = Buffer.from('ab\r\n')
    keeper.makeConnection(new Paper() as unknown as Transport)
    keeper.dataReceived(chunk)
    chunk.fill('x')
    keeper.dataReceived(Buffer.from('cd\r\n'))
    expect(kept.map((line) => Buffer.from(line).toString())).toEqual(['ab', 'cd'])
  })
})
