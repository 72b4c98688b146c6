/**
 * Promise 8: how a server starts, says so, and ends. What it says when it can't start is in
 * start-errors.test.ts.
 */

import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { noise, promise, start, type Variant } from './variant.ts'

const MiB = 2 ** 20

export function lifecycleTests(variant: Variant): void {
  test('--host ::1, and SIGINT ends an idle server with exit code 0', async () => {
    await using server = await start(variant, ['--host', '::1'])
    await hello(server)
    server.signal('SIGINT')
    expect(await server.exited).toMatchObject({ code: 0, signal: null })
  })

  test('--host localhost --verbose --json, and SIGTERM does too', async () => {
    await using server = await start(variant, ['--host', 'localhost', '--verbose', '--json'])
    const disconnection = server.stderrLine(/disconnected/)
    await hello(server)
    await disconnection
    server.signal('SIGTERM')
    const { code, stderr } = await server.exited
    expect(code).toBe(0)
    const [connected, disconnected, ...more] = stderr.trimEnd().split('\n')
    expect(JSON.parse(connected!)).toMatchObject({ event: 'connected', port: expect.any(Number) })
    const { event: _, ...client } = JSON.parse(connected!)
    expect(JSON.parse(disconnected!)).toEqual({ event: 'disconnected', ...client })
    expect(more).toEqual([])
  })

  promise(variant, 'stop', 'SIGTERM: what is owed is flushed, then comes the FIN', async () => {
    await using server = await start(variant, ['--protocol', 'raw'])
    using client = await ClientSession.connect(server.address)
    await client.ask('first\n', 6)
    const sent = noise(32 * MiB)
    const sending = client.send(sent).catch(() => {})
    // Something is on its way back, and what comes after it is owed too.
    const head = await client.receive(MiB)
    server.signal('SIGTERM')
    const received = Buffer.concat([head, await client.receiveAll()])
    expect(received.equals(sent.subarray(0, received.length))).toBe(true)
    client.end()
    await sending
    expect(await server.exited).toMatchObject({ code: 0, signal: null })
  })

  promise(variant, 'stop', 'closing, it accepts nobody else', async () => {
    await using server = await start(variant, ['--verbose'])
    using open = await ClientSession.connect(server.address)
    await open.ask('x\n', 2)
    server.signal('SIGTERM')
    await open.receiveAll()
    const { address, port } = server.address
    await expect(once(connect({ host: address, port }), 'connect')).rejects.toThrow()
    open.end()
    const { code, stderr } = await server.exited
    expect(code).toBe(0)
    // It has seen the last one off before it ended.
    expect(stderr).toMatch(/^disconnected from /m)
  })

  test('after --grace it ends although a client does not', async () => {
    await using server = await start(variant, ['--protocol', 'raw', '--grace', '0.2'])
    using deaf = await ClientSession.connect(server.address)
    deaf.send(noise(64 * MiB)).catch(() => {})
    await deaf.receive(1)
    server.signal('SIGTERM')
    const { code, stderr } = await server.exited
    expect(code).toBe(0)
    expect(stderr).toContain('connections cut: 1')
  })

  test('a second signal ends it at once', async () => {
    await using server = await start(variant, ['--protocol', 'raw', '--grace', '60'])
    using deaf = await ClientSession.connect(server.address)
    deaf.send(noise(64 * MiB)).catch(() => {})
    await deaf.receive(1)
    server.signal('SIGTERM')
    await server.stderrLine(/^closing/)
    server.signal('SIGTERM')
    expect(await server.exited).toMatchObject({ code: 130, signal: null })
  })
}

/** A client comes, is answered, and goes. */
async function hello(server: RunningServer): Promise<void> {
  using client = await ClientSession.connect(server.address)
  expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
  client.end()
  await client.receiveAll()
}
