import { describe, expect, test } from 'vitest'
import { renderComparison } from '../../bench/compare/changes.ts'
import { compareRuns } from '../../bench/compare/comparison.ts'
import { changeOf } from '../../bench/compare/verdict.ts'
import type { BenchDocument, Cell, Outcome } from '../../bench/document/document.ts'
import { cellOf, documentOf, measured } from './documents.ts'

/** A run of one cell, whose rounds have cost so much. */
function runOf(costs: readonly number[], more: Partial<BenchDocument> = {}): BenchDocument {
  const rounds = costs.map((cpuPerMessage) => measured({ cpuPerMessage }))
  return documentOf([cellOf('poll-loop', rounds)], more)
}

function verdictOf(a: readonly number[], b: readonly number[], noiseThreshold = 5) {
  return compareRuns(runOf(a), runOf(b), noiseThreshold).cells[0]?.verdict
}

const STEADY = [5, 5.02, 4.98, 5.01, 4.99, 5]
const NOISY = [5, 8, 4, 9, 5.5, 6]
const times = (factor: number, values: readonly number[]) => values.map((value) => value * factor)

describe('the verdict', () => {
  test.each([
    ['the same', STEADY, STEADY, '≈'],
    ['clearly slower', STEADY, times(1.3, STEADY), 'slower'],
    ['clearly faster', STEADY, times(0.7, STEADY), 'faster'],
    ['sure, but below the threshold', STEADY, times(1.04, STEADY), '≈'],
    ['just beyond the threshold', STEADY, times(1.051, STEADY), 'slower'],
    ['more in the median, but noisy', NOISY, times(1.2, NOISY), '≈'],
    ['noisy, and many times as much', NOISY, times(10, NOISY), 'slower'],
    ['too few rounds in both', times(1, [5, 5, 5, 5, 5]), times(9, [5, 5, 5, 5, 5]), '?'],
    ['too few rounds in A', [5], times(9, STEADY), '?'],
    ['too few rounds in B', STEADY, [50], '?'],
  ])('%s', (_, a, b, expected) => {
    expect(verdictOf(a, b)).toBe(expected)
  })

  test('the threshold decides what is noise', () => {
    expect(verdictOf(STEADY, times(1.04, STEADY), 3)).toBe('slower')
    expect(verdictOf(STEADY, times(1.3, STEADY), 40)).toBe('≈')
  })

  test('a lower throughput is slower at the same CPU, a higher one is not faster', () => {
    const compared = (a: number, b: number) => {
      const runs = [a, b].map((messagesPerSecond) =>
        documentOf([cellOf('poll-loop', sixOf(measured({ messagesPerSecond })))]),
      )
      return compareRuns(runs[0]!, runs[1]!, 5).cells[0]
    }
    expect(compared(1000, 500)).toMatchObject({
      verdict: 'slower',
      messagesPerSecond: { a: 1000, b: 500, ratio: { median: 0.5, low: 0.5, high: 0.5 } },
    })
    expect(compared(500, 1000)?.verdict).toBe('≈')
  })

  test('unless the CPU time is unknown: then the throughput decides, and that is said', () => {
    const run = (messagesPerSecond: number) => {
      const round = measured({ messagesPerSecond, result: { server: null } })
      return documentOf([cellOf('poll-loop', sixOf(round))])
    }
    const { cells, notes } = compareRuns(run(500), run(1000), 5)
    expect(cells[0]?.verdict).toBe('faster')
    expect(notes).toEqual(['CPU time unknown on a side: the throughput decides'])
  })

  test('where there is none it is said why', () => {
    const notes = (a: readonly number[], b: readonly number[]) =>
      compareRuns(runOf(a), runOf(b), 5).notes
    const note = expect.stringMatching(
      /^no verdict \(\?\) on 1 cell: fewer than 6 rounds on a side/,
    )
    expect(notes([5, 5], STEADY)).toEqual([note])
    expect(notes(STEADY, [5, 5])).toEqual([note])
    expect(notes(STEADY, STEADY)).toEqual([])
  })

  test('rounds in which the machine was busy do not count', () => {
    const machine = { clientWaited: 0.5, serverWaited: 0.5, othersUsed: 0.9, stolen: 0 }
    const busy = measured({ cpuPerMessage: 50, result: { machine } })
    const run = (rounds: readonly Outcome[]) => documentOf([cellOf('poll-loop', rounds)])
    const calm = sixOf(measured({}))
    expect(compareRuns(run(calm), run([...calm, busy, busy]), 5).cells[0]).toMatchObject({
      ...{ verdict: '≈', cpuPerMessage: { a: 5, b: 5 } },
    })
    expect(compareRuns(run(calm), run(sixOf(busy)), 5).cells[0]).toMatchObject({
      ...{ verdict: '?', cpuPerMessage: { a: 5, b: null }, regressions: [] },
    })
  })
})

function sixOf(round: Outcome): Outcome[] {
  return Array.from({ length: 6 }, () => round)
}

describe('the ratio of a figure', () => {
  test('is the median over all pairs of rounds, with an interval', () => {
    const { a, b, ratio } = changeOf(STEADY, times(2, STEADY))
    expect([a, b]).toEqual([5, 10])
    expect(ratio?.median).toBeCloseTo(2, 5)
    expect(ratio?.low).toBeLessThan(2)
    expect(ratio?.high).toBeGreaterThan(2)
    // 1 % may lie beyond each end. Of six and six rounds that is 7 of the 924 orders.
    expect(ratio?.coverage).toBeCloseTo(1 - 14 / 924, 10)
  })

  test('is none where a side is empty, and has no interval where it is short', () => {
    expect(changeOf([], [1])).toEqual({ a: null, b: 1, ratio: null })
    expect(changeOf([1], [])).toEqual({ a: 1, b: null, ratio: null })
    const none = { low: null, high: null, coverage: null }
    expect(changeOf([1, 1, 1, 1, 1], [2, 2, 2, 2, 2, 2]).ratio).toEqual({ median: 2, ...none })
  })
})

describe('cells are the same', () => {
  const rounds = [measured({})]
  const compared = (a: Cell, b: Cell) => compareRuns(documentOf([a]), documentOf([b]), 5)

  test.each<[string, Cell]>([
    ['model', cellOf('asyncore', rounds)],
    ['way to wait', cellOf('poll-loop', rounds, {}, 'libc epoll')],
    ['workload', { ...cellOf('poll-loop', rounds), workload: 'many' }],
    ['line limit', cellOf('poll-loop', rounds, { maxLine: 100 })],
  ])('not if they differ in their %s: then each is in one only', (_, other) => {
    const { cells, onlyInA, onlyInB } = compared(cellOf('poll-loop', rounds), other)
    expect(cells).toEqual([])
    expect(onlyInA).toMatchObject([{ model: 'poll-loop', wait: 'libc poll', workload: 'custom' }])
    expect(onlyInB).toMatchObject([{ model: other.model, wait: other.wait }])
  })

  test('and one that was left out in A, or never begun, is as good as not there', () => {
    const leftOut: Outcome = { kind: 'left out', reason: 'no place' }
    for (const absent of [[leftOut], []]) {
      const { cells, onlyInA, onlyInB } = compared(cellOf('a', absent), cellOf('a', rounds))
      expect([cells.length, onlyInA.length, onlyInB.length]).toEqual([0, 0, 1])
    }
    expect(compared(cellOf('a', [leftOut]), cellOf('a', [leftOut]))).toMatchObject({
      ...{ cells: [], onlyInA: [], onlyInB: [] },
    })
  })
})

test('other versions and interruptions are noted', () => {
  const a = runOf(STEADY, { versions: { node: '20.0.0', v8: '11.3' }, interrupted: true })
  const b = runOf(STEADY, { versions: { node: '22.0.0', v8: '11.3' }, interrupted: true })
  expect(compareRuns(a, b, 5).notes).toEqual([
    'node: 20.0.0 in A, 22.0.0 in B',
    'A was interrupted, and is compared as far as it goes',
    'B was interrupted, and is compared as far as it goes',
  ])
})

test('that the rounds of a cell have shared a server is noted', () => {
  const run = runOf(STEADY)
  const shared = { ...run, parameters: { ...run.parameters, sharedServers: true } }
  expect(compareRuns(shared, shared, 5).notes).toEqual([
    expect.stringMatching(/^all rounds of a cell measured one start of its server: /),
  ])
})

test('where a yardstick has changed, the machine has, and that is noted', () => {
  const run = (model: string, cpuPerMessage: number) =>
    documentOf([cellOf(model, sixOf(measured({ cpuPerMessage })))])
  const notes = (model: string, cost: number) =>
    compareRuns(run(model, 5), run(model, cost), 5).notes
  expect(notes('C epoll loop', 4)).toEqual([expect.stringContaining('so the machine has')])
  expect(notes('plain node:net', 6)).toHaveLength(1)
  expect(notes('plain node:net', 5)).toEqual([])
  expect(notes('poll-loop', 6)).toEqual([])
})

describe('for people', () => {
  const cells = (factor: number) =>
    [100, 1].map((connections) =>
      cellOf(
        'poll-loop',
        times(factor, STEADY).map((cpuPerMessage) => measured({ cpuPerMessage })),
        { connections },
      ),
    )
  const a = documentOf([...cells(1), cellOf('asyncore', [measured({})])])
  const b = documentOf([...cells(1.2), cellOf('callbacks', [measured({})], {}, 'node')])

  test('a table per load, then what is to be read with it, then the sum', () => {
    const text = renderComparison(compareRuns(a, b, 5))
    expect(text.split('\n')[0]).toBe('custom, 100 connections: raw, 64 bytes')
    expect(text).toMatch(/^model +waits on +µs A +µs B +µs ÷ +µs interval +msg\/s ÷ .*verdict$/m)
    expect(text).toMatch(
      /^poll-loop +libc poll +5\.00 +6\.00 +1\.20 +1\.\d\d–1\.2\d +1\.00 .* +slower$/m,
    )
    expect(text.replace(/\n {2}/g, ' ')).toContain(`
only in B: custom, 100 connections: raw, 64 bytes: callbacks node

regression: poll-loop libc poll (100 connections: raw, 64 bytes): CPU per message ×1.20
regression: poll-loop libc poll (1 connection: raw, 64 bytes): CPU per message ×1.20
regression: missing in B: custom, 100 connections: raw, 64 bytes: asyncore libc poll

2 cells compared: 2 slower (noise threshold 5 %); 3 regressions`)
    expect(text.replace(/\n {2}/g, ' ')).toContain(
      '; intervals of 98.5 %, so that at most 5 of 100 cells without a change get a verdict',
    )
  })

  test('no line is longer than 80 characters, whatever the figures are', () => {
    const run = (cost: number, rate: number) => {
      const round = measured({ cpuPerMessage: cost, messagesPerSecond: rate })
      return documentOf([
        cellOf('Python socketserver', sixOf(round), { burn: 20, rate: 5000 }, 'recv'),
        cellOf('poll-loop', sixOf(round), { burn: 20, rate: 5000 }, 'atomics epoll'),
        cellOf('blocking-serial', sixOf(round), { burn: 20, rate: 5000 }, 'libc'),
      ])
    }
    const comparison = compareRuns(run(1.5, 1_234_567), run(98_765.4, 12), 5)
    const lines = renderComparison(comparison).split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines.join(' ')).toContain('--wide also shows: ')
    const wide = renderComparison(comparison, true)
    expect(wide).toMatch(/^model +waits on +µs A .* p99 A +p99 B +p99 ÷ +p99 interval +verdict$/m)
    expect(wide).not.toContain('--wide also shows')
  })
})
