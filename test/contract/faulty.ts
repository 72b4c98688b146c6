/** Promise 4: a handler that throws. Only our own servers can be told to have one. */
import { expect, test } from 'vitest'
import { ClientSession } from '../../clients/session.ts'
import { start, type Variant } from './variant.ts'

export function faultyTests(variant: Variant): void {
  test('a handler that throws ends its own connection', async () => {
    await using server = await start(variant, ['--protocol', 'faulty'])
    using before = await ClientSession.connect(server.address)
    const serial = variant.model.exceptions.concurrency !== undefined
    if (!serial) await before.ask('fine\n', 5)
    using victim = serial ? before : await ClientSession.connect(server.address)
    await victim.send('throw\n')
    await victim.receiveAll().catch(() => {})
    using after = serial ? await ClientSession.connect(server.address) : before
    expect((await after.ask('fine\n', 5)).toString()).toBe('fine\n')
    after.end()
    const { stderr } = await server.stop()
    expect(stderr).toContain('thrown by the faulty protocol')
  })
}
