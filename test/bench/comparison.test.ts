import { describe, expect, test } from 'vitest'
import { renderComparison } from '../../bench/compare/changes.ts'
import { changeOf, compareRuns, regressionsOf } from '../../bench/compare/comparison.ts'
import type { BenchDocument, Cell, Outcome } from '../../bench/document/document.ts'
import { Random } from '../../bench/figures/statistics.ts'
import { cellOf, documentOf, measured } from './documents.ts'

/** A run of one cell, whose rounds have cost so much. */
function runOf(costs: readonly number[], more: Partial<BenchDocument> = {}): BenchDocument {
  const rounds = costs.map((cpuPerMessage) => measured({ cpuPerMessage }))
  return documentOf([cellOf('poll-loop', rounds)], more)
}

function verdictOf(a: readonly number[], b: readonly number[], noiseThreshold = 5) {
  return compareRuns(runOf(a), runOf(b), noiseThreshold).cells[0]?.verdict
}

const STEADY = [5, 5.02, 4.98, 5.01, 4.99]
const NOISY = [5, 8, 4, 9, 5.5]
const times = (factor: number, values: readonly number[]) => values.map((value) => value * factor)

describe('the verdict', () => {
  test.each([
    ['the same', STEADY, STEADY, '≈'],
    ['clearly slower', STEADY, times(1.3, STEADY), 'slower'],
    ['clearly faster', STEADY, times(0.7, STEADY), 'faster'],
    ['sure, but below the threshold', STEADY, times(1.04, STEADY), '≈'],
    ['as much as the threshold', STEADY, times(1.05, STEADY), 'slower'],
    ['more in the median, but noisy', NOISY, times(1.2, NOISY), '≈'],
    ['noisy, and many times as much', NOISY, times(10, NOISY), 'slower'],
    ['one round each, beyond the threshold', [5], [5.5], 'slower'],
    ['one round each, below it', [5], [5.2], '≈'],
    ['few rounds on one side only, noisy', NOISY, [9], 'slower'],
  ])('%s', (_, a, b, expected) => {
    expect(verdictOf(a, b)).toBe(expected)
  })

  test('the threshold decides what is noise', () => {
    expect(verdictOf(STEADY, times(1.04, STEADY), 3)).toBe('slower')
    expect(verdictOf(STEADY, times(1.3, STEADY), 40)).toBe('≈')
  })

  test('the throughput is shown, and decides nothing', () => {
    const rounds = (messagesPerSecond: number) =>
      [1, 2, 3].map(() => measured({ cpuPerMessage: 5, messagesPerSecond }))
    const [a, b] = [1000, 500].map((rate) => documentOf([cellOf('poll-loop', rounds(rate))]))
    const [cell] = compareRuns(a!, b!, 5).cells
    expect(cell?.verdict).toBe('≈')
    expect(cell?.messagesPerSecond).toEqual({
      ...{ a: 1000, b: 500 },
      ratio: { median: 0.5, low: 0.5, high: 0.5 },
    })
  })

  test('unless the CPU time is unknown: then it must do, and that is said', () => {
    const rounds = (messagesPerSecond: number) =>
      [1, 2, 3].map(() => measured({ messagesPerSecond, result: { server: null } }))
    const [a, b] = [1000, 500].map((rate) => documentOf([cellOf('poll-loop', rounds(rate))]))
    const { cells, notes } = compareRuns(a!, b!, 5)
    expect(cells[0]?.verdict).toBe('slower')
    expect(notes).toEqual(['CPU time unknown on a side: the throughput decides'])
  })

  test('without intervals it is said that the threshold alone decides', () => {
    const note = /^fewer than three rounds on a side: .* the threshold alone decides$/
    const notes = (a: readonly number[], b: readonly number[]) =>
      compareRuns(runOf(a), runOf(b), 5).notes
    expect(notes([5, 5], STEADY)).toEqual([expect.stringMatching(note)])
    expect(notes(STEADY, [5, 5])).toEqual([expect.stringMatching(note)])
    expect(notes(STEADY, STEADY)).toEqual([])
  })
})

describe('the ratio of two medians', () => {
  test('and its interval, always the same for the same', () => {
    const change = changeOf([4, 5, 6], [8, 10, 12])
    expect(change).toMatchObject({ a: 5, b: 10, ratio: { median: 2 } })
    expect(change.ratio!.low).toBeLessThan(2)
    expect(change.ratio!.high).toBeGreaterThan(2)
    expect(changeOf([4, 5, 6], [8, 10, 12])).toEqual(change)
  })

  test('is none where a side is empty, and has no interval where it is short', () => {
    expect(changeOf([], [1])).toEqual({ a: null, b: 1, ratio: null })
    expect(changeOf([1], [])).toEqual({ a: 1, b: null, ratio: null })
    expect(changeOf([1, 1], [2, 2, 2]).ratio).toEqual({ median: 2, low: null, high: null })
  })

  test('of 95 % intervals about 95 % hold the true one', () => {
    const random = new Random(3)
    const sample = (from: number) =>
      Array.from({ length: 15 }, () => from + random.below(1000) / 1000)
    let hits = 0
    for (let run = 0; run < 100; run++) {
      // Uniform from 1 to 2, and from 2 to 3: the medians are 1.5 and 2.5.
      const { low, high } = changeOf(sample(1), sample(2)).ratio!
      if (low! <= 2.5 / 1.5 && high! >= 2.5 / 1.5) hits += 1
    }
    expect(hits / 100).toBeGreaterThan(0.9)
    expect(hits / 100).toBeLessThan(0.995)
  })
})

describe('a regression', () => {
  const good = measured({})
  const failed: Outcome = { kind: 'failed', reason: 'the run is void' }
  const lossy = (errors: Record<string, number>) =>
    measured({ result: { errors: errors as never } })
  const found = (a: readonly Outcome[], b: readonly Outcome[]) => {
    const [before, after] = [a, b].map((rounds) => documentOf([cellOf('poll-loop', rounds)]))
    return regressionsOf(compareRuns(before!, after!, 5))
  }
  const WHERE = 'poll-loop libc poll (100 connections: raw, 64 bytes): '

  test.each<[string, Outcome[], Outcome[], string[]]>([
    ['is what has become slower', [good], [measured({ cpuPerMessage: 6 })], ['slower']],
    ['is not what has become faster', [good], [measured({ cpuPerMessage: 4 })], []],
    ['is a cell that failed in B alone', [good], [failed], ['failed: the run is void']],
    ['is one round that failed in B', [good], [good, failed], ['failed: the run is void']],
    ['is not what failed in both', [failed], [failed], []],
    ['is not what failed in A alone', [failed], [good], []],
    [
      'is an error that A had not',
      [lossy({ refused: 5 })],
      [lossy({ reset: 1, refused: 9 }), lossy({ reset: 2 })],
      ['errors that A had not: 3 reset'],
    ],
    ['is not one that A had', [lossy({ reset: 1 })], [lossy({ reset: 1 })], []],
  ])('%s', (_, a, b, expected) => {
    expect(found(a, b)).toEqual(expected.map((what) => WHERE + what))
  })

  test('of a side without figures the verdict is that it failed', () => {
    const [a, b] = [[failed], [good]].map((rounds) => documentOf([cellOf('poll-loop', rounds)]))
    expect(compareRuns(a!, b!, 5).cells[0]?.verdict).toBe('failed')
    expect(compareRuns(b!, a!, 5).cells[0]).toMatchObject({ cpuPerMessage: { a: 5, b: null } })
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

  test('and one that was left out, or never begun, is as good as not there', () => {
    const leftOut: Outcome = { kind: 'left out', reason: 'no place' }
    for (const absent of [[leftOut], []]) {
      const { cells, onlyInA, onlyInB } = compared(cellOf('a', rounds), cellOf('a', absent))
      expect([cells.length, onlyInA.length, onlyInB.length]).toEqual([0, 1, 0])
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

test('where a yardstick has changed, the machine has, and that is noted', () => {
  const run = (model: string, cpuPerMessage: number) =>
    documentOf([
      cellOf(
        model,
        [1, 2, 3].map(() => measured({ cpuPerMessage })),
      ),
    ])
  const notes = (model: string, cost: number) =>
    compareRuns(run(model, 5), run(model, cost), 5).notes
  expect(notes('C epoll loop', 4)).toEqual([expect.stringContaining('so the machine has')])
  expect(notes('plain node:net', 6)).toHaveLength(1)
  expect(notes('plain node:net', 5)).toEqual([])
  expect(notes('poll-loop', 6)).toEqual([])
})

test('for people: a table per load, then what is to be read with it, then the sum', () => {
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
  const text = renderComparison(compareRuns(a, b, 5))
  expect(text.split('\n')[0]).toBe('custom, 100 connections: raw, 64 bytes')
  expect(text).toMatch(
    /^model +waits on +CPU µs A +CPU µs B +B ÷ A +95 % +messages\/s A +messages\/s B +B ÷ A +95 % +verdict$/m,
  )
  expect(text).toMatch(
    /^poll-loop +libc poll +5\.00 +6\.00 +1\.20 +1\.\d\d–1\.2\d +1 000 +1 000 +1\.00 +1\.00–1\.00 +slower$/m,
  )
  expect(text).toContain(`
only in A: custom, 100 connections: raw, 64 bytes: asyncore libc poll
only in B: custom, 100 connections: raw, 64 bytes: callbacks node

regression: poll-loop libc poll (100 connections: raw, 64 bytes): slower
regression: poll-loop libc poll (1 connection: raw, 64 bytes): slower

2 cells: 2 slower (noise threshold 5 %); 2 regressions`)
})
