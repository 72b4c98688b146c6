import { expect, test, vi } from 'vitest'
import type { Selectable } from '../../servers/06-reactor/interfaces.ts'
import type { PosixReactor } from '../../servers/06-reactor/posix-reactor.ts'
import type { Posix } from '../../servers/posix/api.ts'
import { listenTcp } from '../../servers/posix/listen.ts'
import { type Open, run } from './reactor-harness.ts'

const LOCALHOST = { family: 'IPv4', address: '127.0.0.1', port: 0 } as const

/** Readers and writers, on a reactor that waits on descriptors. */
export function descriptorTests(open: Open, io: string): void {
  if (io === 'node') {
    test('a reactor that watches no descriptors has no methods for them', async () => {
      const reactor = await open()
      for (const name of ['addReader', 'addWriter', 'getReaders']) {
        expect(name in reactor).toBe(false)
      }
    })
    return
  }

  test('readers and writers are called when they are ready, until they are removed', async () => {
    const reactor = (await open()) as PosixReactor
    const [left, right] = pair(reactor.posix)
    const calls: string[] = []
    const reader = new Watched(reactor, left)
    reader.onRead = () => {
      calls.push('read')
      expect(reactor.posix.recv(left, new Uint8Array(10))).toBe(3)
      expect(reactor.getReaders()).toEqual([reader])
      reactor.removeReader(reader)
      reactor.removeReader(reader)
      expect(reactor.getReaders()).toEqual([])
      reactor.stop()
    }
    const writer = new Watched(reactor, right)
    writer.onWrite = () => {
      calls.push('write')
      expect(reactor.getWriters()).toEqual([writer])
      reactor.posix.send(right, Buffer.from('abc'))
      reactor.removeWriter(writer)
      expect(reactor.getWriters()).toEqual([])
    }
    reactor.addReader(reader)
    reactor.addReader(reader)
    reactor.addWriter(writer)
    await run(reactor)
    expect(calls).toEqual(['write', 'read'])
    expect(reader.reasons).toEqual([])
    for (const fd of [left, right]) reactor.posix.close(fd)
  })

  test('a throw in a handler ends its own descriptor, and no other', async () => {
    const reactor = (await open()) as PosixReactor
    const [left, right] = pair(reactor.posix)
    const thrown = new Error('from doWrite')
    const [bad, good] = [new Watched(reactor, left), new Watched(reactor, right)]
    bad.onWrite = () => {
      throw thrown
    }
    bad.onLost = () => reactor.callLater(0, () => reactor.stop())
    good.onWrite = vi.fn(() => reactor.removeWriter(good))
    reactor.addWriter(bad)
    reactor.addWriter(good)
    await run(reactor)
    expect(bad.reasons).toEqual([thrown])
    expect(good.onWrite).toHaveBeenCalledOnce()
    for (const fd of [left, right]) reactor.posix.close(fd)
  })

  test('a second reader of a descriptor is an error; stop ends the first', async () => {
    const reactor = (await open()) as PosixReactor
    const [left, right] = pair(reactor.posix)
    const [one, other] = [new Watched(reactor, left), new Watched(reactor, left)]
    reactor.addReader(one)
    expect(() => reactor.addReader(other)).toThrow(`descriptor ${left}`)
    reactor.callWhenRunning(() => reactor.stop())
    await run(reactor)
    expect(one.reasons.length).toBe(1)
    expect(other.reasons).toEqual([])
    for (const fd of [left, right]) reactor.posix.close(fd)
  })
}

class Watched implements Selectable {
  readonly reactor: PosixReactor
  readonly #fd: number
  readonly reasons: Error[] = []
  onRead = (): void => expect.unreachable('not a reader')
  onWrite = (): void => expect.unreachable('not a writer')
  onLost = (): void => {}

  constructor(reactor: PosixReactor, fd: number) {
    this.reactor = reactor
    this.#fd = fd
  }

  fileno(): number {
    return this.#fd
  }

  doRead(): void {
    this.onRead()
  }

  doWrite(): void {
    this.onWrite()
  }

  connectionLost(reason: Error): void {
    this.reasons.push(reason)
    this.onLost()
  }
}

/** Both ends of a connection. */
function pair(posix: Posix): [number, number] {
  const listener = listenTcp(posix, { address: LOCALHOST, backlog: 1 }, 'blocking')
  const client = posix.socket('IPv4', 'blocking')
  posix.connect(client, posix.getsockname(listener))
  const { fd } = posix.accept(listener, 'nonblocking')!
  posix.close(listener)
  return [client, fd]
}
