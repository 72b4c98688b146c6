import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BLOCK, PROVIDED } from '../../servers/11-completion/blocks.ts'
import { POLLOUT, SHUT_WR } from '../../servers/posix/api.ts'
import { ECANCELED, ECONNRESET, Receiver, useHarness } from './proactor-harness.ts'

const MiB = 2 ** 20

/** recv and send: the bytes, and the owner of each block. */
export function streamTests(mode: number): void {
  const harness = useHarness(mode)

  test('one recv delivers all that comes, in blocks, and ends with 0 at the FIN', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const receiver = new Receiver(proactor, server)
    for (const word of ['one', 'two', 'three']) {
      layer.sendAll(client, Buffer.from(word))
      harness.until(() => receiver.chunks.at(-1)?.toString() === word)
    }
    expect(receiver.ended).toBeUndefined()
    layer.posix.shutdown(client, SHUT_WR)
    harness.until(() => receiver.ended !== undefined)
    expect([receiver.ended, receiver.bytes.toString()]).toEqual([0, 'onetwothree'])
  })

  test('a reset ends recv with ECONNRESET, and send with an error, not with a signal', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const receiver = new Receiver(proactor, server)
    layer.posix.setsockopt(client, 'SO_LINGER', 0)
    layer.close(client)
    harness.until(() => receiver.ended !== undefined)
    expect(receiver.ended).toBe(-ECONNRESET)
    const block = proactor.blocks.take()
    const result = harness.resultOf((done) => proactor.send(server, block, 0, 1, done))
    expect(result).toBeLessThan(0)
  })

  test('a cancelled recv loses no bytes: the next one delivers them', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const receiver = new Receiver(proactor, server)
    proactor.cancel(receiver.operation)
    harness.until(() => receiver.ended !== undefined)
    expect(receiver.ended).toBe(-ECANCELED)
    layer.sendAll(client, Buffer.from('still here'))
    receiver.start()
    harness.until(() => receiver.length === 10)
    expect(receiver.bytes.toString()).toBe('still here')
  })

  test('any part of a block can be sent, and no other byte is', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const block = proactor.blocks.take()
    const bytes = proactor.blocks.bytes(block, BLOCK)
    for (let i = 0; i < BLOCK; i++) bytes[i] = i * 31
    const part = fc.tuple(fc.nat(BLOCK - 1), fc.nat(BLOCK - 1))
    fc.assert(
      fc.property(part, ([a, b]) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b) + 1]
        const sent = harness.resultOf((done) => proactor.send(server, block, from, to, done))
        const received = layer.recvExactly(client, sent)
        expect(received.equals(bytes.subarray(from, from + sent))).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test.each([
    [-1, 1],
    [0, 0],
    [5, 4],
    [0, BLOCK + 1],
  ])('bytes %i to %i are refused: they are not in a block', (from, to) => {
    const { proactor } = harness
    const send = () => proactor.send(0, proactor.blocks.take(), from, to, () => {})
    expect(send).toThrow(RangeError)
    expect(proactor.inFlight).toBe(0)
  })

  test('a send that finds no room completes when the peer reads, with what it could send', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const sent = Buffer.alloc(8 * MiB, 'all of it in its order ')
    let isSent = false
    harness.sendAll(server, sent, () => {
      isSent = true
    })
    while (layer.poll(server, POLLOUT) !== 0) harness.pass()
    expect(isSent).toBe(false)
    const receiver = new Receiver(proactor, client)
    harness.until(() => isSent && receiver.length === sent.length)
    expect(receiver.bytes.equals(sent)).toBe(true)
  })

  test('if all blocks are in use, recv ends and starts again, and loses no byte', () => {
    const { layer, proactor } = harness
    const bytes = Buffer.alloc(MiB, 'a flood of bytes ')
    const streams = Array.from({ length: 6 }, () => {
      const [client, server] = layer.pair()
      let waiting = 0
      while (layer.poll(client, POLLOUT) !== 0) waiting += layer.posix.send(client, bytes)
      return { server, waiting }
    })
    const total = streams.reduce((sum, { waiting }) => sum + waiting, 0)
    expect(total).toBeGreaterThan(PROVIDED * BLOCK)
    const receivers = streams.map(({ server }) => new Receiver(proactor, server))
    harness.until(() => receivers.every(({ length }, i) => length >= streams[i]!.waiting))
    expect(receivers.reduce((sum, { starved }) => sum + starved, 0)).toBeGreaterThan(0)
    for (const { chunks } of receivers) {
      expect(Buffer.concat(chunks).subarray(0, MiB).equals(bytes)).toBe(true)
    }
  })

  test('a claimed block keeps its bytes, whatever comes meanwhile', () => {
    const { layer, proactor } = harness
    const [client, server] = layer.pair()
    const held: number[] = []
    proactor.recv(server, (_, flags) => held.push(proactor.blocks.claim(flags)))
    for (let i = 0; i < PROVIDED + 10; i++) {
      layer.sendAll(client, Buffer.from(`message ${i}`.padEnd(20)))
      harness.until(() => held.length === i + 1)
    }
    expect(new Set(held).size).toBe(PROVIDED + 10)
    for (const [i, block] of held.entries()) {
      const text = Buffer.from(proactor.blocks.bytes(block, 20)).toString()
      expect(text).toBe(`message ${i}`.padEnd(20))
    }
  })
}
