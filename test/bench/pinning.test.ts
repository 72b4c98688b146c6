import { expect, test } from 'vitest'
import { describePinning } from '../../bench/report/pinning-text.ts'
import { choosePinning, parseCpuList } from '../../bench/run/pinning.ts'

test('lists of CPUs, as the kernel writes them', () => {
  expect(parseCpuList('0')).toEqual([0])
  expect(parseCpuList('0-3,8,10-11\n')).toEqual([0, 1, 2, 3, 8, 10, 11])
})

test('server and load generator never share a core', () => {
  const pinned = choosePinning()
  if (pinned === null) return
  expect(pinned.client).not.toBe(pinned.server)
  expect(pinned.parallelServers).toContain(pinned.server)
  expect(pinned.parallelServers).not.toContain(pinned.client)
})

test('it is said where they were', () => {
  expect(describePinning(null)).toBe('server and load generator on any core')
  expect(describePinning({ server: 0, client: 2, parallelServers: [0, 1] })).toBe(
    'server on core 0, load generator on core 2, servers that can use several on cores 0, 1',
  )
})
