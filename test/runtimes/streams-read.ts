import { once } from 'node:events'
import { setImmediate as nextRound } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { IncompleteReadError } from '../../servers/09-async-await/stream-reader.ts'
import { LIMIT, pair, readerOf, stillWaits, text } from './streams-harness.ts'

/** Reading what is there. */
export function readTests(): void {
  test('read() returns what is there, and no bytes at the end', async () => {
    const { client, reader } = await pair()
    await client.send('hello')
    expect(text(await reader.read())).toBe('hello')
    client.end()
    expect(reader.atEof()).toBe(false)
    expect(text(await reader.read())).toBe('')
    expect(reader.atEof()).toBe(true)
    expect(text(await reader.read())).toBe('')
  })

  test('read(n) returns at most n bytes and keeps the rest', async () => {
    const reader = readerOf(['hello'])
    expect(text(await reader.read(2))).toBe('he')
    expect(text(await reader.read(0))).toBe('')
    expect(text(await reader.read(100))).toBe('llo')
    expect(text(await reader.read(1))).toBe('')
  })

  test('atEof is false while something is left to read', async () => {
    const reader = readerOf(['ab'])
    expect(text(await reader.read(1))).toBe('a')
    await nextRound()
    expect(reader.atEof()).toBe(false)
    expect(text(await reader.read())).toBe('b')
    expect(text(await reader.read())).toBe('')
    expect(reader.atEof()).toBe(true)
  })

  test.each([-1, Number.NaN, 1.5])('a read of %d bytes is refused', async (count) => {
    const reader = readerOf(['hello'])
    await expect(reader.read(count)).rejects.toThrow(RangeError)
    await expect(reader.readexactly(count)).rejects.toThrow(RangeError)
    expect(text(await reader.readexactly(5))).toBe('hello')
  })

  test('a reset rejects the read that waits, and every one after it', async () => {
    const { client, reader } = await pair()
    const waiting = reader.read()
    client.reset()
    await expect(waiting).rejects.toThrow('ECONNRESET')
    await expect(reader.readline()).rejects.toThrow('ECONNRESET')
  })

  test('a second read at the same time is refused, and the first goes on', async () => {
    const { client, reader } = await pair()
    const first = reader.readline()
    await expect(reader.read()).rejects.toThrow('another read is waiting')
    await expect(reader.readexactly(1)).rejects.toThrow('another read is waiting')
    await client.send('ab')
    await stillWaits(first)
    // The bytes that have come belong to the read that waits.
    await expect(reader.read(1)).rejects.toThrow('another read is waiting')
    await client.send('c\n')
    expect(text(await first)).toBe('abc\n')
  })

  test('interrupt ends the read that waits, with no bytes, and no other read', async () => {
    const { client, reader } = await pair()
    reader.interrupt()
    const first = reader.read()
    reader.interrupt()
    expect(text(await first)).toBe('')
    expect(reader.atEof()).toBe(false)
    await client.send('x')
    expect(text(await reader.read())).toBe('x')
  })

  test('an interrupted readexactly rejects, with what came as the error’s partial', async () => {
    const { client, reader } = await pair()
    const first = reader.readexactly(3)
    await client.send('ab')
    await stillWaits(first)
    reader.interrupt()
    const error = await first.catch((reason) => reason)
    expect(text(error.partial)).toBe('ab')
  })
}

/** Reading lines. */
export function readlineTests(): void {
  test('returns lines with their newlines, and at the end what is left', async () => {
    const reader = readerOf(['one\ntw', 'o\n', '\nthr', 'ee'])
    const lines: string[] = []
    while (!reader.atEof()) lines.push(text(await reader.readline()))
    expect(lines.slice(0, 4)).toEqual(['one\n', 'two\n', '\n', 'three'])
    expect(text(await reader.readline())).toBe('')
  })

  test('works over a real connection', async () => {
    const { client, reader } = await pair()
    await client.send('one\ntwo')
    expect(text(await reader.readline())).toBe('one\n')
    client.end()
    expect(text(await reader.readline())).toBe('two')
    expect(text(await reader.readline())).toBe('')
  })
}

/** Reading a number of bytes. */
export function readexactlyTests(): void {
  test('waits for the bytes that were asked for, and takes no more', async () => {
    const reader = readerOf(['a', 'bc', 'defg'])
    expect(text(await reader.readexactly(0))).toBe('')
    expect(text(await reader.readexactly(5))).toBe('abcde')
    expect(text(await reader.readexactly(2))).toBe('fg')
  })

  test('rejects at the end of the stream, with what came as the error’s partial', async () => {
    const reader = readerOf(['abc'])
    const error = await reader.readexactly(5).catch((reason) => reason)
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(text(error.partial)).toBe('abc')
    expect(error.message).toBe('the stream ended after 3 bytes, before 5 bytes')
    expect(reader.atEof()).toBe(true)
  })

  test('may return more than the limit, at which the socket is paused', async () => {
    const { client, reader, writer } = await pair()
    const sent = Buffer.alloc(10 * LIMIT, 'x')
    const paused = once(writer.getExtraInfo('socket'), 'pause')
    const sending = client.send(sent)
    await paused
    expect((await reader.readexactly(sent.length)).length).toBe(sent.length)
    await sending
  })
}
