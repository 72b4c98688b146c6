import { describe, expect, test } from 'vitest'
import { compareRuns, regressionsOf } from '../../bench/compare/comparison.ts'
import type { Outcome } from '../../bench/document/document.ts'
import type { LoadResult } from '../../clients/load/result.ts'
import { cellOf, documentOf, measured } from './documents.ts'

function sixOf(round: Outcome): Outcome[] {
  return Array.from({ length: 6 }, () => round)
}

describe('a regression', () => {
  const good = measured({})
  const failed: Outcome = { kind: 'failed', reason: 'the run is void' }
  const leftOut: Outcome = { kind: 'left out', reason: 'no place' }
  const lossy = (errors: Record<string, number>) => measured({ result: { errors } })
  const late = (factor: number) => {
    const latency = { mean: 40, p50: 40 * factor, p90: 60, p99: 90 * factor, p999: 95, max: 99 }
    return measured({ result: { latency } satisfies Partial<LoadResult> })
  }
  const found = (a: readonly Outcome[], b: readonly Outcome[], rate = 0) => {
    const runs = [a, b].map((rounds) => documentOf([cellOf('poll-loop', rounds, { rate })]))
    return regressionsOf(compareRuns(runs[0]!, runs[1]!, 5))
  }
  const WHERE = 'poll-loop libc poll (100 connections: raw, 64 bytes): '

  test.each<[string, Outcome[], Outcome[], string[]]>([
    [
      'is more CPU time per message',
      sixOf(good),
      sixOf(measured({ cpuPerMessage: 6 })),
      ['CPU per message ×1.20'],
    ],
    ['is not less of it', sixOf(good), sixOf(measured({ cpuPerMessage: 4 })), []],
    [
      'is a tenth of the throughput',
      sixOf(good),
      sixOf(measured({ messagesPerSecond: 100 })),
      ['messages/s ×0.10'],
    ],
    ['is not more throughput', sixOf(good), sixOf(measured({ messagesPerSecond: 2000 })), []],
    ['is ten times the latency', sixOf(late(1)), sixOf(late(10)), ['p50 ×10.00', 'p99 ×10.00']],
    ['is not half as much more in a closed loop', sixOf(late(1)), sixOf(late(1.5)), []],
    ['is a cell that failed in B alone', [good], [failed], ['failed: the run is void']],
    ['is one round that failed in B', [good], [good, failed], ['failed: the run is void']],
    ['is not what failed in both', [failed], [failed], []],
    ['is not what failed in A alone', [failed], [good], []],
    ['is not one round that failed in both', [good, failed], [failed, good], []],
    [
      'is what failed once in A, and always in B',
      [good, failed],
      [failed, failed],
      ['failed: the run is void'],
    ],
    ['is a cell that is left out in B alone', [good], [leftOut], ['left out: no place']],
    [
      'is a cell that is empty in B alone',
      [good],
      [],
      ['not measured: B was interrupted before it'],
    ],
    [
      'is an error that A had not',
      [lossy({ refused: 5 })],
      [lossy({ reset: 1, refused: 9 }), lossy({ reset: 2 })],
      ['errors that A had not: 3 reset'],
    ],
    ['is not one that A had', [lossy({ reset: 1 })], [lossy({ reset: 1 })], []],
    ['is not one more of them: chance', [lossy({ reset: 2 })], [lossy({ reset: 3 })], []],
    [
      'is many more of them',
      [lossy({ reset: 2 })],
      [lossy({ reset: 30 })],
      ['more errors: 2 of 1 002 in A, 30 of 1 030 in B'],
    ],
    [
      'is not that many in as many more rounds',
      [lossy({ reset: 4 })],
      Array.from({ length: 10 }, () => lossy({ reset: 4 })),
      [],
    ],
  ])('%s', (_, a, b, expected) => {
    expect(found(a, b)).toEqual(expected.map((what) => WHERE + what))
  })

  test('is half as much latency more in an open loop', () => {
    const lines = found(sixOf(late(1)), sixOf(late(1.5)), 5000)
    expect(lines.map((line) => line.split('): ')[1])).toEqual(['p50 ×1.50', 'p99 ×1.50'])
  })

  test('of a side without figures the verdict is that it failed', () => {
    const runs = [[failed], [good]].map((rounds) => documentOf([cellOf('poll-loop', rounds)]))
    expect(compareRuns(runs[0]!, runs[1]!, 5).cells[0]?.verdict).toBe('failed')
    expect(compareRuns(runs[1]!, runs[0]!, 5).cells[0]).toMatchObject({
      ...{ verdict: 'failed', cpuPerMessage: { a: 5, b: null } },
    })
  })
})
