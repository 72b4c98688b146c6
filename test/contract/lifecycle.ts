/** Promises 8 and 9: how a server starts, says so, and ends; and what it says when it can't start. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { LaunchError } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { connectMany, noise, promise, start, type Variant } from './variant.ts'

const MiB = 2 ** 20

export function lifecycleTests(variant: Variant): void {
  describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
    test('ends an idle server with exit code 0', async () => {
      await using server = await start(variant)
      server.signal(signal)
      expect(await server.exited).toMatchObject({ code: 0, signal: null })
    })

    test('flushes what is owed, then sends the FIN', async () => {
      await using server = await start(variant, ['--protocol', 'raw'])
      using client = await ClientSession.connect(server.address)
      await client.ask('first\n', 6)
      const sent = noise(32 * MiB)
      const sending = client.send(sent).catch(() => {})
      // Something is on its way back, and what comes after it is owed too.
      const head = await client.receive(MiB)
      server.signal(signal)
      const received = Buffer.concat([head, await client.receiveAll()])
      expect(received.equals(sent.subarray(0, received.length))).toBe(true)
      client.end()
      await sending
      expect(await server.exited).toMatchObject({ code: 0, signal: null })
    })
  })

  promise(variant, 'stop', 'closing, it accepts nobody else', async () => {
    await using server = await start(variant)
    using open = await ClientSession.connect(server.address)
    await open.ask('x\n', 2)
    server.signal('SIGTERM')
    await open.receiveAll()
    const { address, port } = server.address
    await expect(once(connect({ host: address, port }), 'connect')).rejects.toThrow()
    open.end()
    expect((await server.exited).code).toBe(0)
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

  test.each(['::1', 'localhost'])('--host %s', async (host) => {
    await using server = await start(variant, ['--host', host])
    using client = await ClientSession.connect(server.address)
    expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
  })

  test('--verbose tells of connections', async () => {
    await using server = await start(variant, ['--verbose', '--json'])
    using client = await ClientSession.connect(server.address)
    await client.ask('x\n', 2)
    client.end()
    await client.receiveAll()
    const { stderr } = await server.stop()
    expect(stderr).toMatch(/"event":"connected","address":"127.0.0.1","port":\d+/)
    expect(stderr).toMatch(/"event":"disconnected","address":"127.0.0.1","port":\d+/)
  })

  test('a port in use is one clear line', async () => {
    await using server = await start(variant)
    const port = String(server.address.port)
    const exit = await failure(start(variant, ['--port', port]))
    expect(exit).toMatchObject({ code: 1 })
    expect(exit.stderr).toBe(
      `error: 127.0.0.1:${port} is in use by another server; choose another --port (0: any free one)\n`,
    )
  })

  test('an address of another machine is one clear line', async () => {
    // From the range that RFC 5737 keeps for examples.
    const exit = await failure(start(variant, ['--host', '192.0.2.1']))
    expect(exit).toMatchObject({ code: 1 })
    expect(exit.stderr).toMatch(/^error: 192\.0\.2\.1:0: no interface of this machine has .*\n$/)
  })

  test('twenty clients come and go, over and over', async () => {
    await using server = await start(variant)
    for (let round = 0; round < 5; round++) {
      const clients = await connectMany(server, 20)
      for (const client of clients) {
        expect((await client.ask('x\n', 2)).toString()).toBe('x\n')
        client.end()
        await client.receiveAll()
      }
    }
  })
}

async function failure(starting: Promise<unknown>) {
  const error = await starting.then(
    () => undefined,
    (reason) => reason,
  )
  if (!(error instanceof LaunchError)) throw new Error('it should not have started')
  return error.exit
}
