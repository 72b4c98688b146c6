import { expect, test } from 'vitest'
import { warningsOf } from '../../bench/figures/warnings.ts'
import type { LoadResult } from '../../clients/load/result.ts'
import { cellOf, measured } from './documents.ts'

/** What is in flight, and what the rate and the mean latency say is. */
function lawful(inFlight: number): Partial<LoadResult> {
  const messagesPerSecond = (100 * 1e6) / 50
  const latency = { mean: (50 * inFlight) / 100, p50: 1, p90: 1, p99: 1, p999: 1, max: 1 }
  const { asked } = resultOf()
  return { asked: { ...asked, connections: 100 }, messagesPerSecond, messages: 10_000, latency }
}

function resultOf(): LoadResult {
  const outcome = measured({})
  if (outcome.kind !== 'measured') throw new Error('unreachable')
  return outcome.result
}

const costs = (...all: number[]) => all.map((cpuPerMessage) => measured({ cpuPerMessage }))
const warnings = (...rounds: Parameters<typeof cellOf>[1]) =>
  warningsOf([cellOf('a', rounds)]).join('\n')

test('a run that gives no cause for doubt has no warning', () => {
  expect(warnings(...costs(5, 5.1, 4.9, 5, 5))).toBe('')
  expect(warnings(measured({ result: lawful(100) }))).toBe('')
})

test('connections that were lost', () => {
  const errors = { stalled: 1 }
  expect(warnings(measured({ result: { errors } }))).toMatch(
    /^warning: connections were lost: a libc poll$/,
  )
})

test('a client that used a whole CPU while the server did not', () => {
  const usage = (cpuSeconds: number) => ({ ...resultOf().server!, cpuSeconds })
  const busy = { client: { cpuSeconds: 0.99, cpuPerMessage: 5 } }
  expect(warnings(measured({ result: { ...busy, server: usage(0.6) } }))).toMatch(
    /^warning: the load generator used a whole CPU.*: a libc poll$/,
  )
  expect(warnings(measured({ result: { ...busy, server: usage(0.99) } }))).toBe('')
})

test('a first round that cost more than the later', () => {
  expect(warnings(...costs(6.3, 5, 5))).toContain('the first round cost over 25 % more')
  expect(warnings(...costs(6.2, 5, 5))).toBe('')
})

test('a round far from the others', () => {
  expect(warnings(...costs(5, 5.1, 9, 5, 4.9))).toContain('far from the others')
})

test("Little's law: rate times latency is what is in flight", () => {
  expect(warnings(measured({ result: lawful(80) }))).toContain("Little's law")
  // Not where the rate is given, and not where connections rest.
  const { asked, ...rest } = lawful(80)
  expect(warnings(measured({ result: { ...rest, asked: { ...asked!, rate: 5 } } }))).toBe('')
})

test('an open loop that has not achieved its rate, and one whose generator was late', () => {
  const asked = { ...resultOf().asked, rate: 2000 }
  const slow = { asked, achieved: 0.5, messages: 1000 }
  expect(warnings(measured({ result: slow }))).toMatch(/^warning: less than 99 % .*: a libc poll$/)
  expect(warnings(measured({ result: { ...slow, achieved: 1, messages: 2000 } }))).toBe('')
  const late = { warnings: ["the latency is the generator's own"] }
  expect(warnings(measured({ result: late }))).toContain('the load generator itself was late')
})
