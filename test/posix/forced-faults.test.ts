/** `--faults`: what the socket layer makes happen on order, and what is refused. */
import { describe, expect, test } from 'vitest'
import type { Posix } from '../../servers/posix/api.ts'
import { WOULD_BLOCK } from '../../servers/posix/api.ts'
import { FAULTS, parseFaults, withFaults } from '../../servers/posix/faults.ts'
import { describeBackends } from './layer.ts'

describeBackends('forced:', (layer) => {
  /** A connection whose server end has the faults: of its accept, its recv and its send. */
  async function faulty(spec: string, blocking: 'blocking' | 'nonblocking' = 'nonblocking') {
    const posix = await withFaults(layer.posix, parseFaults(spec))
    const listener = layer.listener('blocking')
    const client = layer.connect(listener.address)
    const accept = () => layer.keep(posix.accept(listener.fd, blocking)!.fd)
    return { posix, client, accept }
  }

  function received(posix: Posix, fd: number): number {
    for (;;) {
      const count = posix.recv(fd, new Uint8Array(100))
      if (count !== WOULD_BLOCK) return count
    }
  }

  test('send takes one byte, and recv returns three', async () => {
    const { posix, client, accept } = await faulty('send=1,recv=3')
    const fd = accept()
    expect(posix.send(fd, Buffer.from('hello'))).toBe(1)
    expect(received(layer.posix, client)).toBe(1)
    layer.sendAll(client, Buffer.from('12345'))
    expect([received(posix, fd), received(posix, fd)]).toEqual([3, 2])
  })

  test('EAGAIN comes as often as was asked for, the same for the same seed, and only if it may', async () => {
    const sequence = async (seed: number) => {
      const { posix, accept } = await faulty(`eagain=0.5,seed=${seed}`)
      const fd = accept()
      return Array.from({ length: 200 }, () => posix.send(fd, Buffer.from('x')))
    }
    const first = await sequence(7)
    expect(first.filter((count) => count === WOULD_BLOCK).length).toBeGreaterThan(60)
    expect(first.filter((count) => count === 1).length).toBeGreaterThan(60)
    expect(await sequence(7)).toEqual(first)
    expect(await sequence(8)).not.toEqual(first)
    const { posix, accept } = await faulty('eagain=0.9', 'blocking')
    const fd = accept()
    for (let i = 0; i < 50; i++) expect(posix.send(fd, Buffer.from('x'))).toBe(1)
  })

  test('the asked accept fails with EMFILE, and the next one succeeds', async () => {
    const { accept } = await faulty('emfile@1')
    expect(accept).toThrow('EMFILE')
    expect(accept()).toBeGreaterThan(0)
  })

  test('a connection that is reset at accept fails, and its client sees the reset', async () => {
    const { posix, client, accept } = await faulty('reset@accept=1')
    const fd = accept()
    expect(() => posix.recv(fd, new Uint8Array(1))).toThrow('ECONNRESET')
    expect(() => posix.send(fd, new Uint8Array(1))).toThrow('ECONNRESET')
    layer.close(fd, posix)
    expect(() => received(layer.posix, client)).toThrow('ECONNRESET')
  })
})

describe('the words', () => {
  test.each(FAULTS)('%s', (word) => {
    expect(Object.values(parseFaults(word))).toContain(Number(/[\d.]+$/.exec(word)![0]))
  })

  test.each([
    '',
    'send',
    'send=0',
    'send=1.5',
    'eagain=1',
    'emfile=3',
    'rst',
    'recv=3,,',
    'seed=-1',
    'eintr',
    'eintr=0',
  ])('%j is refused, with the list', (spec) => {
    expect(() => parseFaults(spec)).toThrow(/unknown fault .*; there are: send=1, recv=3/)
  })
})
