/** The proactor on io_uring, in both modes of the kernel. Skipped where there is no io_uring. */
import { describe, expect, test } from 'vitest'
import { explain, ioUringRefusal } from '../../servers/11-completion/io-uring.ts'

describe('a machine without io_uring', () => {
  test.each([
    ['ENOSYS', /no io_uring .* poll-loop/],
    ['EPERM', /forbidden .* kernel\.io_uring_disabled .* sandbox .* poll-loop/],
    ['ENOMEM', /RLIMIT_MEMLOCK/],
    ['EINVAL', /Linux 6\.0 or newer/],
    ['ENFILE', /io_uring_setup fails with ENFILE/],
  ])('%s is explained in a sentence, with what to do', (code, text) => {
    expect(explain(code)).toMatch(text)
    expect(explain(code)).not.toContain('\n')
  })
})

const refusal = ioUringRefusal()

// These modules load the C library: they are imported only where io_uring works.
if (refusal) test.skip(`proactor: ${refusal}`, () => {})
else {
  const { MODES } = await import('../../servers/11-completion/ring.ts')
  const { operationTests } = await import('./proactor-operations.ts')
  const { streamTests } = await import('./proactor-streams.ts')
  const { queueTests } = await import('./proactor-queues.ts')
  const { endTests } = await import('./proactor-ends.ts')

  describe.each([
    ['DEFER_TASKRUN', MODES[0]!],
    ['COOP_TASKRUN', MODES[1]!],
  ])('proactor, %s', (_, mode) => {
    describe('operations', () => operationTests(mode))
    describe('streams', () => streamTests(mode))
    describe('queues', () => queueTests(mode))
    describe('ends', () => endTests(mode))
  })
}
