import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { POLLIN, WOULD_BLOCK } from '../../servers/posix/api.ts'
import { ECANCELED, useHarness } from './proactor-harness.ts'

/** How a proactor ends, and what is left then. */
export function endTests(mode: number): void {
  const harness = useHarness(mode)

  test('close ends no operation in flight on its descriptor; cancel does', () => {
    const { layer, proactor } = harness
    const listener = layer.listener()
    const client = layer.connect(listener.address)
    layer.waitFor(listener.fd, POLLIN)
    const { fd } = layer.posix.accept(listener.fd, 'blocking')!
    const results: number[] = []
    const recv = proactor.recv(fd, (result) => results.push(result))
    harness.resultOf((done) => proactor.close(fd, done))
    // The recv holds the socket: no FIN is sent.
    expect([results, layer.poll(client, POLLIN)]).toEqual([[], 0])
    proactor.cancel(recv)
    harness.until(() => results.length === 1)
    expect([results, layer.recv(client)]).toEqual([[-ECANCELED], 0])
  })

  test('stop completes every operation in flight', () => {
    const { layer } = harness
    const proactor = harness.open()
    const results: number[] = []
    const note = (result: number) => results.push(result)
    const [, server] = layer.pair()
    const block = proactor.blocks.take()
    while (layer.posix.send(server, new Uint8Array(65536)) !== WOULD_BLOCK);
    proactor.accept(layer.listener('blocking').fd, note)
    proactor.recv(server, note)
    proactor.send(server, block, 0, 1000, note)
    proactor.poll(server, POLLIN, note)
    proactor.timeout(60_000, note)
    expect(proactor.inFlight).toBe(5)
    proactor.stop()
    expect(results).toEqual(Array(5).fill(-ECANCELED))
    expect(proactor.inFlight).toBe(0)
  })

  test('stop also completes what a handler begins meanwhile', () => {
    const { layer } = harness
    const proactor = harness.open()
    const [, server] = layer.pair()
    let closed: number | undefined
    proactor.recv(server, () => {
      proactor.timeout(60_000, (result) => {
        closed = result
      })
    })
    proactor.stop()
    expect(closed).toBe(-ECANCELED)
  })

  test('thirty proactors leave no descriptor and no memory behind', () => {
    harness.open().stop()
    const before = [descriptors(), mappings()]
    for (let i = 0; i < 30; i++) {
      const proactor = harness.open()
      proactor.timeout(60_000, () => {})
      proactor.stop()
    }
    expect(descriptors()).toBe(before[0])
    // The JavaScript engine maps memory now and then, but less often than the proactors did.
    expect(mappings()).toBeLessThan(before[1]! + 60)
  })
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

function mappings(): number {
  return readFileSync('/proc/self/maps', 'latin1').split('\n').length
}
