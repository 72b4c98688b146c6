/** The model `threads`: how many threads there are, and which client waits when all are busy. */
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { launch, type RunningServer } from '../clients/launcher.ts'
import { ClientSession } from '../clients/session.ts'
import { Desk } from '../servers/02-threads/desk.ts'
import { connectMany, IS_LINUX } from './contract/variant.ts'

/** Threads of the process, Node's own included. */
function threadCount({ pid }: RunningServer): number {
  return readdirSync(`/proc/${pid}/task`).length
}

async function talk(client: ClientSession, text: string): Promise<void> {
  expect((await client.ask(text, text.length)).toString()).toBe(text)
}

describe.runIf(IS_LINUX).each(['libc', 'atomics'])('on %s', (io) => {
  const clients: ClientSession[] = []

  function keep(client: ClientSession): ClientSession {
    clients.push(client)
    return client
  }

  afterEach(() => {
    for (const client of clients.splice(0)) client[Symbol.dispose]()
  })

  test('64 clients at once have a thread each, which is kept', { timeout: 60_000 }, async () => {
    await using server = await launch('threads', ['--io', io, '--protocol', 'line'])
    const before = threadCount(server)
    for (const client of await connectMany(server, 64)) keep(client)
    for (let turn = 0; turn < 5; turn++) {
      await Promise.all(clients.map((client, i) => talk(client, `${i} in turn ${turn}\n`)))
    }
    expect(threadCount(server)).toBe(before + 64)
    for (const client of clients) client.end()
    await Promise.all(clients.map((client) => client.receiveAll()))
    for (const client of await connectMany(server, 64)) await talk(keep(client), 'again\n')
    expect(threadCount(server)).toBe(before + 64)
  })

  test('a client that comes after others have left is served by their thread', async () => {
    await using server = await launch('threads', ['--io', io, '--protocol', 'line'])
    const before = threadCount(server)
    for (let turn = 0; turn < 20; turn++) {
      const client = await ClientSession.connect(server.address)
      await talk(client, 'hello\n')
      client.end()
      await client.receiveAll()
    }
    // A client sees the FIN just before its thread is free: the next may find it still busy.
    expect(threadCount(server)).toBeLessThanOrEqual(before + 3)
  })

  test('--threads 2: the third client waits for a thread', async () => {
    const flags = ['--io', io, '--protocol', 'line', '--threads', '2']
    await using server = await launch('threads', flags)
    const [first, second] = [
      keep(await ClientSession.connect(server.address)),
      keep(await ClientSession.connect(server.address)),
    ]
    for (const client of [first, second]) await talk(client, 'in\n')
    const third = keep(await ClientSession.connect(server.address))
    await third.send('third\n')
    for (let turn = 0; turn < 50; turn++) await talk(second, 'still in\n')
    expect(third.unread).toBe(0)
    first.reset()
    expect((await third.receive(6)).toString()).toBe('third\n')
  })
})

describe('the desk', () => {
  test('hands clients over in their order, and after them the end', () => {
    const acceptor = Desk.create(3)
    const thread = Desk.attach(acceptor.words)
    acceptor.addThread()
    acceptor.addThread()
    for (const fd of [7, 5]) {
      acceptor.takePlace()
      acceptor.hand(fd)
    }
    expect(acceptor.hasIdleThread).toBe(false)
    acceptor.handEnd()
    expect([thread.take(), thread.take(), thread.take()]).toEqual([7, 5, null])
  })

  test('a client that has left gives back its thread and its place', () => {
    const acceptor = Desk.create(1)
    acceptor.addThread()
    for (let fd = 0; fd < 1000; fd++) {
      acceptor.takePlace()
      expect(acceptor.hasIdleThread).toBe(true)
      acceptor.hand(fd)
      expect(acceptor.hasIdleThread).toBe(false)
      expect(acceptor.take()).toBe(fd)
      acceptor.done()
    }
  })
})
