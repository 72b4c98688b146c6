import { once } from 'node:events'
import { expect, test } from 'vitest'
import { ConnectionResetError } from '../../servers/09-async-await/stream-writer.ts'
import { KiB, LIMIT, MiB, pair, stillWaits } from './streams-harness.ts'

/** A reader that does not read, and a peer that does not read: `drain`. */
export function backPressureTests(): void {
  test('a reader that is not read from pauses its socket, and the peer waits', async () => {
    const { client, server, reader, writer } = await pair()
    const socket = writer.getExtraInfo('socket')
    const paused = once(socket, 'pause')
    const sent = Buffer.alloc(32 * MiB, 'x')
    const sending = client.send(sent)
    client.end()
    await paused
    expect(await stillWaits(sending)).toBe(true)
    // The limit of the reader, what Node holds for it, and the packet on its way.
    expect(socket.bytesRead).toBeLessThan(LIMIT + 256 * KiB)
    let count = 0
    while (!reader.atEof()) count += (await reader.read()).length
    await sending
    expect(count).toBe(sent.length)
    expect(server.address.port).toBeGreaterThan(0)
  })

  test('at the high-water mark drain waits until all bytes are sent', async () => {
    const { client, writer } = await pair({ highWater: 1000 })
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = writer.drain()
    expect(await stillWaits(draining)).toBe(true)
    await client.receive(16 * MiB)
    await draining
    expect(writer.getExtraInfo('socket').writableLength).toBe(0)
  })

  test('below the high-water mark, drain does not wait', async () => {
    const { writer } = await pair({ highWater: 1000 })
    const socket = writer.getExtraInfo('socket')
    socket.cork()
    writer.write(Buffer.alloc(999))
    await writer.drain()
    expect(socket.writableLength).toBe(999)
    writer.write(Buffer.alloc(1))
    expect(await stillWaits(writer.drain())).toBe(true)
    socket.uncork()
  })

  test('several callers may wait in drain', async () => {
    const { client, writer } = await pair({ highWater: 1000 })
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = Promise.all([writer.drain(), writer.drain(), writer.drain()])
    await client.receive(16 * MiB)
    await draining
  })

  test.each([
    ['reset', 'ECONNRESET'],
    ['abort', 'the connection is closed'],
  ])('drain rejects when the connection is lost: %s', async (how, message) => {
    const { client, writer } = await pair()
    writer.write(Buffer.alloc(16 * MiB, 'x'))
    const draining = writer.drain()
    if (how === 'reset') client.reset()
    else writer.abort()
    await expect(draining).rejects.toThrow(message)
    await writer.waitClosed()
    // Otherwise a handler that only writes would not notice the loss, and never pause.
    writer.write(Buffer.from('more'))
    await expect(writer.drain()).rejects.toThrow(message)
  })

  test('an abort rejects drain with a ConnectionResetError', async () => {
    const { writer } = await pair()
    writer.abort()
    await expect(writer.drain()).rejects.toThrow(ConnectionResetError)
  })
}

/** After `writeEof` or `close`, `drain` still waits for what was written before. */
export function drainAtEndTests(): void {
  const ends = ['writeEof', 'close'] as const
  const sent = Buffer.alloc(20 * MiB, 'x')

  test.each(ends)('a drain that waits when %s comes ends when all is sent', async (end) => {
    const { client, writer } = await pair()
    writer.write(sent)
    const draining = writer.drain()
    writer[end]()
    expect(await stillWaits(draining)).toBe(true)
    await client.receive(sent.length)
    await draining
  })

  test.each(ends)('a drain after %s waits until all is sent', async (end) => {
    const { client, writer } = await pair()
    writer.write(sent)
    writer[end]()
    const draining = writer.drain()
    expect(await stillWaits(draining)).toBe(true)
    await client.receive(sent.length)
    await draining
    expect(writer.getExtraInfo('socket').writableLength).toBe(0)
  })

  test.each(ends)('a drain beside %s rejects if the connection is lost before', async (end) => {
    const { client, writer } = await pair()
    writer.write(sent)
    const before = writer.drain()
    writer[end]()
    const after = writer.drain()
    client.reset()
    await expect(before).rejects.toThrow('ECONNRESET')
    await expect(after).rejects.toThrow('ECONNRESET')
  })

  test('with nothing unsent, a drain after writeEof does not wait', async () => {
    const { client, writer } = await pair()
    writer.write(Buffer.from('bye'))
    writer.writeEof()
    await writer.drain()
    expect((await client.receiveAll()).toString()).toBe('bye')
    await writer.drain()
  })
}
