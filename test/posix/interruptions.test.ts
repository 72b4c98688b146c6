/** `--faults eintr`: the signals are real, and the socket layer goes on after each. */
import { constants } from 'node:os'
import koffi from 'koffi'
import { expect, test } from 'vitest'
import { WOULD_BLOCK } from '../../servers/posix/api.ts'
import { describeBackends } from './layer.ts'

describeBackends('interrupted:', (layer) => {
  test.runIf(layer.backend === 'libc')('a call fails with EINTR, and poll goes on', async () => {
    const { interruptEvery } = await import('../../servers/posix/interruptions.ts')
    interruptEvery(5)
    const poll = koffi.load(null).func('int poll(void *set, ulong count, int timeout)')
    expect(poll(null, 0, 1000)).toBe(-1)
    expect(koffi.errno()).toBe(constants.errno.EINTR)
    const from = performance.now()
    expect(layer.posix.poll(new Int32Array(2), 0, 50)).toBe(0)
    expect(performance.now() - from).toBeGreaterThan(45)
  })

  test.runIf(layer.backend === 'libc')('a timeout of a socket ends although signals come', () => {
    const [fd] = layer.pair('blocking')
    layer.posix.setsockopt(fd, 'SO_RCVTIMEO', 0.05)
    expect(layer.posix.recv(fd, new Uint8Array(1))).toBe(WOULD_BLOCK)
  })
})
