/**
 * Where a server listens, and what it says of its clients. What it says when it can't start is in
 * start-errors.test.ts, and at its end in test/serve-end.test.ts.
 */
import { expect, test } from 'vitest'
import type { RunningServer } from '../../clients/launcher.ts'
import { ClientSession } from '../../clients/session.ts'
import { start, type Variant } from './variant.ts'

export function lifecycleTests(variant: Variant): void {
  test('--host localhost --verbose --json: an object a line, the last one before the end', async () => {
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
}

/** A client comes, is answered, and goes. */
async function hello(server: RunningServer): Promise<void> {
  using client = await ClientSession.connect(server.address)
  expect((await client.ask('hello\n', 6)).toString()).toBe('hello\n')
  client.end()
  await client.receiveAll()
}
