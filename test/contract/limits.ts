/**
 * Promises 3, 5, 6 and 7: back pressure, the limit of connections, idle connections, no descriptors
 * left.
 */
import { expect, test, vi } from 'vitest'
import type { RunningServer } from '../../clients/launcher.ts'
import { cpuSeconds, residentBytes } from '../../clients/process-stats.ts'
import { ClientSession } from '../../clients/session.ts'
import { openPosix } from '../../servers/posix/open.ts'
import { sendUrgent } from '../posix/urgent.ts'
import { IS_LINUX, noise, promise, start, type Variant } from './variant.ts'

const MiB = 2 ** 20

export function limitTests(variant: Variant): void {
  promise(variant, 'back-pressure', 'a peer that never reads costs little memory', () =>
    slowReader(variant),
  )
  promise(variant, 'max-connections', 'who is above the limit waits, and is served in turn', () =>
    limitOfTwo(variant),
  )
  promise(
    variant,
    'idle-timeout',
    'a silent connection is closed, and so is one that accepts no bytes',
    () => idleClients(variant),
  )
  if (IS_LINUX) {
    promise(variant, 'descriptors', 'out of descriptors, and back', () => exhaustion(variant))
    test('urgent data costs no processor time', () => urgentData(variant))
  }
  test('a handler that throws ends its own connection', () => throwingHandler(variant))
}

async function slowReader(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'raw'])
  const sent = noise(64 * MiB)
  {
    // A heap grows with the first traffic, whoever reads it: what is asked is what this peer costs.
    using warmUp = await ClientSession.connect(server.address)
    const some = sent.subarray(0, 32 * MiB)
    expect((await warmUp.ask(some, some.length)).equals(some)).toBe(true)
  }
  const before = residentBytes(server.pid) ?? 0
  using client = await ClientSession.connect(server.address)
  const allSent = client.send(sent)
  client.end()
  await settled(() => cpuSeconds(server.pid) ?? 0)
  const peak = (residentBytes(server.pid) ?? 0) - before
  expect(peak).toBeLessThan(16 * MiB)
  const received = await client.receiveAll()
  await allSent
  expect(received.equals(sent)).toBe(true)
}

async function limitOfTwo(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'line', '--max-connections', '2'])
  const first = await ClientSession.connect(server.address)
  using second = await ClientSession.connect(server.address)
  for (const client of [first, second]) await client.ask('in\n', 3)
  using third = await ClientSession.connect(server.address)
  using fourth = await ClientSession.connect(server.address)
  await Promise.all([third.send('third\n'), fourth.send('fourth\n')])
  for (let turn = 0; turn < 100; turn++) await second.ask('still in\n', 9)
  expect(third.unread + fourth.unread).toBe(0)
  first[Symbol.dispose]()
  const replies = [third.receive(6), fourth.receive(7)]
  const next = await Promise.race(replies.map((reply, i) => reply.then(() => i)))
  // Who waits at different workers may be served in another order.
  if (!variant.model.takes.includes('workers')) expect(next).toBe(0)
  expect([third, fourth][1 - next]!.unread).toBe(0)
  ;[third, fourth][next]!.end()
  expect((await Promise.all(replies)).map(String)).toEqual(['third\n', 'fourth\n'])
}

async function idleClients(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'raw', '--idle-timeout', '0.4'])
  if (!variant.model.exceptions.concurrency) await talksWhileSilentOneGoes(server)
  using silent = await ClientSession.connect(server.address)
  await silent.ask('hello\n', 6)
  const from = performance.now()
  await gone(silent)
  expect(performance.now() - from).toBeGreaterThan(300)
  using deaf = await ClientSession.connect(server.address)
  // More than all buffers between here and there hold: it can only end by the server's close.
  await expect(deaf.send(noise(64 * MiB))).rejects.toThrow(/ECONNRESET|EPIPE/)
}

/** One talks for as long as the silent one lives, which is longer than the timeout. */
async function talksWhileSilentOneGoes(server: RunningServer): Promise<void> {
  using talkative = await ClientSession.connect(server.address)
  using silent = await ClientSession.connect(server.address)
  let isGone = false
  const end = gone(silent).then(() => {
    isGone = true
  })
  while (!isGone) await talkative.ask('x\n', 2)
  await end
  expect((await talkative.ask('still here\n', 11)).toString()).toBe('still here\n')
}

async function exhaustion(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'line'], { descriptors: 60 })
  using early = await ClientSession.connect(server.address)
  await early.ask('early\n', 6)
  const crowd = await Promise.all(
    Array.from({ length: 80 }, () => ClientSession.connect(server.address)),
  )
  for (const client of crowd) client.send('anybody?\n').catch(() => {})
  if (!variant.model.exceptions.concurrency) await survives(server, early)
  early[Symbol.dispose]()
  for (const client of crowd) client[Symbol.dispose]()
  await vi.waitFor(async () => {
    using late = await ClientSession.connect(server.address)
    expect((await late.ask('late\n', 5)).toString()).toBe('late\n')
  }, 10_000)
}

/** While it has no descriptors, a server goes on with the clients it has, and does not spin. */
async function survives(server: RunningServer, early: ClientSession): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await early.ask('still\n', 6)
  // The model `threads` may still start the threads that it has descriptors for.
  await settled(() => cpuSeconds(server.pid) ?? 0)
  expect(await cpuOfSilence(server)).toBeLessThan(0.25)
  expect((await early.ask('and still\n', 10)).toString()).toBe('and still\n')
}

/** One urgent byte, alone or behind others, stays pending while nothing else comes: tcp(7). */
async function urgentData(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'line'])
  const posix = await openPosix('libc')
  const client = posix.socket(server.address.family, 'blocking')
  try {
    posix.setsockopt(client, 'SO_RCVTIMEO', 10)
    posix.connect(client, server.address)
    await settled(() => cpuSeconds(server.pid) ?? 0)
    for (const line of ['', 'hello\n']) {
      posix.send(client, Buffer.from(line))
      sendUrgent(client)
      // A loop that spins uses all of a core, or its share of a core that others want too.
      expect(await cpuOfSilence(server)).toBeLessThan(0.1)
    }
    const buffer = Buffer.alloc(16)
    expect(buffer.subarray(0, posix.recv(client, buffer)).toString()).toBe('hello\n')
  } finally {
    posix.close(client)
  }
}

/** The CPU time in seconds that a server uses in half a second, in which nobody sends. */
async function cpuOfSilence({ pid }: RunningServer): Promise<number> {
  const from = cpuSeconds(pid)!
  await new Promise((resolve) => setTimeout(resolve, 500))
  return cpuSeconds(pid)! - from
}

async function throwingHandler(variant: Variant): Promise<void> {
  await using server = await start(variant, ['--protocol', 'faulty'])
  using before = await ClientSession.connect(server.address)
  const serial = variant.model.exceptions.concurrency !== undefined
  if (!serial) await before.ask('fine\n', 5)
  using victim = serial ? before : await ClientSession.connect(server.address)
  await victim.send('throw\n')
  await gone(victim)
  using after = serial ? await ClientSession.connect(server.address) : before
  expect((await after.ask('fine\n', 5)).toString()).toBe('fine\n')
  after.end()
  const { stderr } = await server.stop()
  expect(stderr).toContain('thrown by the faulty protocol')
}

/** Resolves when the server has ended the connection, in whichever way. */
async function gone(client: ClientSession): Promise<void> {
  await client.receiveAll().catch(() => {})
}

/** Resolves once a figure that grows while something is going on has stopped growing. */
async function settled(figure: () => number): Promise<void> {
  for (let last = -1, now = figure(); now - last > 0.005; now = figure()) {
    last = now
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
