/** What the `serve` command says at its end, and with which code it exits. */
import { describe, expect, test } from 'vitest'
import { lines, MiB } from '../clients/check/samples.ts'
import { launch } from '../clients/launcher.ts'
import { ClientSession } from '../clients/session.ts'

/** A model in a thread of its own, one with threads, one on the main thread, and processes. */
describe.each(['poll-loop', 'threads', 'callbacks', 'cluster'])('%s', (model) => {
  async function owing(...flags: string[]) {
    const server = await launch(model, ['--protocol', 'raw', ...flags])
    const deaf = await ClientSession.connect(server.address)
    deaf.send(lines(64 * MiB)).catch(() => {})
    await deaf.receive(1)
    return { server, deaf, [Symbol.dispose]: () => deaf[Symbol.dispose]() }
  }

  test('after --grace it says how many connections were cut', async () => {
    using owed = await owing('--grace', '0.2')
    const { code, stderr } = await owed.server.stop()
    expect(code).toBe(0)
    expect(stderr).toContain('connections cut: 1')
  })

  test('a second signal is exit code 130', async () => {
    using owed = await owing('--grace', '60')
    owed.server.signal('SIGTERM')
    await owed.server.stderrLine(/^closing: open connections: 1/)
    expect(await owed.server.stop()).toMatchObject({ code: 130, signal: null })
  })
})
