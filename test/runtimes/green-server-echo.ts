import { expect, test, vi } from 'vitest'
import { noise } from '../../clients/check/samples.ts'
import { ClientSession } from '../../clients/session.ts'
import { serve } from '../../servers/07-green-threads/echo.ts'
import type { Address, Posix } from '../../servers/posix/api.ts'
import { Conversation } from '../../servers/protocol/conversation.ts'
import type { ServeOptions, Supervisor } from '../../servers/server.ts'
import { MiB } from './green-io-harness.ts'

const OPTIONS: ServeOptions = {
  address: { family: 'IPv4', address: '127.0.0.1', port: 0 },
  protocol: 'raw',
  maxLine: 16384,
  io: 'node',
  poller: 'poll',
  reactor: 'node',
  backlog: 10,
  maxConnections: 10,
  idleTimeout: Number.POSITIVE_INFINITY,
  highWater: 64 * MiB,
  tls: undefined,
  faults: undefined,
  trace: undefined,
  threads: 1,
  workers: 1,
}

/** The echo server in this process: where it listens, how to stop it, and its end. */
async function start() {
  const failures: unknown[] = []
  let listening: (server: { address: Address; stop: () => void }) => void = () => {}
  const ready = new Promise<{ address: Address; stop: () => void }>((resolve) => {
    listening = resolve
  })
  const supervisor: Partial<Supervisor> = {
    listening: (address, closing) => listening({ address, ...(closing as { stop: () => void }) }),
    connected() {},
    disconnected: (_, error) => {
      failures.push(error)
    },
  }
  const ended = serve(OPTIONS, supervisor as Supervisor, undefined as unknown as Posix)
  return { ...(await ready), ended, failures }
}

/** What the contract tests can't see from outside. */
export function echoTests(): void {
  test('bytes that the server has taken before closing time come back', async () => {
    using receive = vi.spyOn(Conversation.prototype, 'receive')
    const server = await start()
    using client = await ClientSession.connect(server.address)
    const sent = noise(8 * MiB)
    await client.send(sent)
    client.end()
    // Bytes that the server has not read when it closes are not owed.
    await vi.waitFor(() => {
      const taken = receive.mock.calls.reduce((sum, [chunk]) => sum + chunk.length, 0)
      expect(taken).toBe(sent.length)
    }, 10_000)
    server.stop()
    const received = await client.receiveAll()
    expect(received.equals(sent)).toBe(true)
    await server.ended
    expect(server.failures).toEqual([undefined])
  })
}
