import { expect, test } from 'vitest'
import { StreamReader } from '../../servers/09-async-await/stream-reader.ts'
import { WriteAfterEndError } from '../../servers/09-async-await/stream-writer.ts'
import { MiB, pair, serve, stillWaits, text } from './streams-harness.ts'

/** Writing, and the ways in which a connection ends. */
export function closeTests(): void {
  test('writelines sends all pieces, in order', async () => {
    const { client, writer } = await pair()
    writer.writelines(['one', '', ' two', ' three'].map((part) => Buffer.from(part)))
    expect((await client.receive(13)).toString()).toBe('one two three')
  })

  test('close first sends what is unsent', async () => {
    const { client, writer } = await pair()
    const sent = Buffer.alloc(16 * MiB, 'x')
    writer.write(sent)
    writer.close()
    expect((await client.receiveAll()).length).toBe(sent.length)
    await writer.waitClosed()
  })

  test('writeEof closes one direction, and the other goes on', async () => {
    const { client, reader, writer } = await pair()
    writer.write(Buffer.from('last words'))
    writer.writeEof()
    expect((await client.receiveAll()).toString()).toBe('last words')
    await client.send('and mine')
    client.end()
    expect(text(await reader.readexactly(8))).toBe('and mine')
    expect(text(await reader.read())).toBe('')
    writer.close()
    await writer.waitClosed()
  })

  test('waitClosed resolves after a reset, and at once if the connection is closed', async () => {
    const { client, reader, writer } = await pair()
    const closed = writer.waitClosed()
    const reading = reader.read()
    client.reset()
    await expect(reading).rejects.toThrow('ECONNRESET')
    await closed
    await writer.waitClosed()
  })

  test('getExtraInfo knows the peer and the socket', async () => {
    const { server, writer } = await pair()
    const socket = writer.getExtraInfo('socket')
    expect(writer.getExtraInfo('peername')).toEqual({
      family: 'IPv4',
      address: '127.0.0.1',
      port: socket.remotePort,
    })
    expect(socket.localPort).toBe(server.address.port)
  })

  test('abortWhenIdle aborts a silent connection, and its read ends', async () => {
    const { client, reader, writer } = await pair()
    writer.abortWhenIdle(50)
    const from = performance.now()
    expect(text(await reader.read())).toBe('')
    expect(performance.now() - from).toBeGreaterThan(40)
    await client.receiveAll().catch(() => {})
    await writer.waitClosed()
  })

  test('abortWhenIdle(Infinity) never aborts', async () => {
    const { writer } = await pair()
    writer.abortWhenIdle(Number.POSITIVE_INFINITY)
    expect(writer.getExtraInfo('socket').timeout ?? 0).toBe(0)
  })

  test('abortAfter aborts a connection that the peer does not end', async () => {
    const { client, reader, writer } = await pair()
    writer.writeEof()
    writer.abortAfter(30)
    await client.receiveAll()
    expect(text(await reader.read())).toBe('')
    await writer.waitClosed()
  })
}

/** The time that the peer has for its FIN, after ours is sent. */
export function abortAfterTests(): void {
  test('does not cut off bytes that are still unsent', async () => {
    const { client, writer } = await pair()
    const sent = Buffer.alloc(16 * MiB, 'x')
    writer.write(sent)
    writer.writeEof()
    writer.abortAfter(0)
    expect(await stillWaits(writer.waitClosed())).toBe(true)
    expect((await client.receiveAll()).length).toBe(sent.length)
    await writer.waitClosed()
  })

  test('does nothing if the connection ends in time', async () => {
    const { client, reader, writer } = await pair()
    writer.writeEof()
    writer.abortAfter(60_000)
    client.end()
    expect(text(await reader.read())).toBe('')
    writer.close()
    await writer.waitClosed()
  })
}

/** A write that comes too late is refused, and costs nothing of what was written in time. */
export function lateWriteTests(): void {
  const sent = Buffer.alloc(20 * MiB, 'x')

  test.each(['writeEof', 'close'] as const)('after %s', async (end) => {
    const { client, writer } = await pair()
    writer.write(sent)
    writer[end]()
    expect(() => writer.write(Buffer.from('stray'))).toThrow(WriteAfterEndError)
    expect(() => writer.writelines([Buffer.from('stray')])).toThrow(WriteAfterEndError)
    writer.write(Buffer.alloc(0))
    expect((await client.receiveAll()).equals(sent)).toBe(true)
  })

  test('once the connection is closed', async () => {
    const { client, writer } = await pair()
    writer.close()
    await client.receiveAll()
    client.end()
    await writer.waitClosed()
    expect(() => writer.write(Buffer.from('stray'))).toThrow(WriteAfterEndError)
  })
}

/** Numbers that can't be meant are refused where they are given. */
export function numberTests(): void {
  test.each([Number.NaN, -1, '5', undefined])('%s is no time', async (time) => {
    const { client, reader, writer } = await pair()
    expect(() => writer.abortAfter(time as number)).toThrow(RangeError)
    expect(() => writer.abortWhenIdle(time as number)).toThrow(RangeError)
    const wrong = { handshakeTimeout: time as number }
    if (time !== undefined) await expect(serve(async () => {}, wrong)).rejects.toThrow(RangeError)
    await client.send('still here')
    expect(text(await reader.read())).toBe('still here')
  })

  test.each([Number.NaN, -1, 0.5])('%s bytes', async (count) => {
    const { reader, writer } = await pair()
    await expect(reader.read(count)).rejects.toThrow(RangeError)
    await expect(reader.readexactly(count)).rejects.toThrow(RangeError)
    await expect(serve(async () => {}, { highWater: count })).rejects.toThrow(RangeError)
    if (count === 0.5) return
    expect(() => new StreamReader(writer.getExtraInfo('socket'), count)).toThrow(RangeError)
  })
}
