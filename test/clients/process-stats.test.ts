import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { cpuSeconds, ownBytes, residentBytes } from '../../clients/process-stats.ts'

const isLinux = process.platform === 'linux'

function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** A process that has been and is no more. */
function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

describe.runIf(isLinux)('cpuSeconds', () => {
  test('agrees with what the process says of itself', () => {
    const before = ownCpu()
    const measured = cpuSeconds(process.pid)!
    const after = ownCpu()
    // getrusage(2), which Node asks, is exact to a tick of the scheduler: at most 10 ms.
    expect(measured).toBeGreaterThan(before - 0.02)
    expect(measured).toBeLessThan(after + 0.02)
  })

  test('counts threads that have ended', async () => {
    const before = cpuSeconds(process.pid)!
    const burn = 'const t = process.cpuUsage(); while (process.cpuUsage(t).user < 200000);'
    await once(new Worker(burn, { eval: true }), 'exit')
    expect(cpuSeconds(process.pid)! - before).toBeGreaterThan(0.15)
  })

  test('undefined for a process that is gone', () => {
    expect(cpuSeconds(endedPid())).toBeUndefined()
  })
})

describe.runIf(isLinux)('residentBytes', () => {
  test('is near what the process says of itself', () => {
    const measured = residentBytes(process.pid)!
    const own = process.memoryUsage.rss()
    expect(measured / own).toBeGreaterThan(0.8)
    expect(measured / own).toBeLessThan(1.25)
  })

  test('undefined for a process that is gone', () => {
    expect(residentBytes(endedPid())).toBeUndefined()
  })
})

describe.runIf(isLinux)('ownBytes', () => {
  test('counts what the process has written, and not the pages of files', () => {
    const before = ownBytes(process.pid)!
    expect(before).toBeLessThan(residentBytes(process.pid)!)
    const written = Buffer.alloc(64 * 2 ** 20, 1)
    expect(ownBytes(process.pid)! - before).toBeGreaterThan(0.8 * written.length)
  })

  test('undefined for a process that is gone', () => {
    expect(ownBytes(endedPid())).toBeUndefined()
  })
})

test.skipIf(isLinux)('elsewhere nothing is measured', () => {
  expect(cpuSeconds(process.pid)).toBeUndefined()
  expect(residentBytes(process.pid)).toBeUndefined()
})
