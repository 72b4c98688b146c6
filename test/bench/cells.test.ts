import { describe, expect, test } from 'vitest'
import type { Outcome } from '../../bench/document/document.ts'
import { cpuRatio, figures } from '../../bench/figures/figures.ts'
import { explain, renderTerminal } from '../../bench/report/terminal.ts'
import { planCells } from '../../bench/run/cells.ts'
import type { Row } from '../../bench/run/rows.ts'
import { describeLoad, PLAIN, WORKLOADS } from '../../bench/workloads.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const FAILED: Outcome = { kind: 'failed', reason: 'gone' }

/** Rounds with so many microseconds of CPU per message. */
const rounds = (...costs: number[]) => costs.map((cpuPerMessage) => measured({ cpuPerMessage }))

function row(name: string, wait = 'libc poll'): Row {
  const start = () => Promise.reject(new Error('not started in these tests'))
  return { name, wait, io: 'libc', isParallel: false, start, cannot: () => undefined }
}

test('a cell for each row and load, and rows that are compared stand together', () => {
  const loads = [PLAIN, { ...PLAIN, connections: 100 }]
  const cells = planCells([row('a'), row('b')], [{ id: 'w', shows: '', loads }])
  const names = cells.map(({ model, load, workload }) => `${workload} ${model} ${load.connections}`)
  expect(names).toEqual(['w a 1', 'w b 1', 'w a 100', 'w b 100'])
})

describe('the workloads', () => {
  test('tell in a sentence what they show, and no two loads have the same description', () => {
    const all = WORKLOADS.flatMap(({ loads }) => loads.map(describeLoad))
    expect(new Set(all).size).toBe(all.length)
    for (const { shows } of WORKLOADS) expect(shows).toMatch(/^[A-Z].*\.$/)
  })

  test('are described by what differs from a plain closed loop', () => {
    expect(describeLoad(PLAIN)).toBe('1 connection: raw, 64 bytes')
    const idle = { ...PLAIN, connections: 100, idle: 9900 }
    expect(describeLoad(idle)).toBe('100 connections, 9 900 more are silent: raw, 64 bytes')
    const hog = { ...PLAIN, protocol: 'burn' as const, connections: 20, rate: 5000, burn: 20 }
    expect(describeLoad(hog)).toBe(
      '20 connections, one more burns 20 ms of CPU, ten times a second: burn, 64 bytes, 5 000 messages/s, an open loop',
    )
  })
})

describe('ratios', () => {
  test('are taken round by round, so that a slow round of the machine cancels out', () => {
    const yardstick = cellOf('C epoll loop', rounds(4, 8, 4, 12, 4, 4))
    const model = cellOf('poll-loop', rounds(5, 10, 5, 15, 5, 5))
    expect(cpuRatio(model, yardstick)).toMatchObject({ median: 1.25, low: 1.25, high: 1.25 })
  })

  test('leave out a round in which either failed', () => {
    const yardstick = cellOf('C epoll loop', [FAILED, ...rounds(4, 4)])
    const model = cellOf('poll-loop', [...rounds(400, 6), FAILED])
    expect(cpuRatio(model, yardstick)).toMatchObject({ median: 1.5, low: null, high: null })
  })
})

test('a cell in which nothing was measured has no figures', () => {
  expect(figures(cellOf('a', [{ kind: 'left out', reason: 'why' }]))).toBeUndefined()
})

describe('the table for a terminal', () => {
  test('has a line per row, aligned, and says why a cell is empty', () => {
    const text = renderTerminal(
      documentOf([
        cellOf('poll-loop', [measured({ cpuPerMessage: 5, messagesPerSecond: 123456 })]),
        cellOf('blocking-serial', [{ kind: 'left out', reason: 'one client at a time' }]),
      ]),
    )
    const lines = text.split('\n')
    expect(lines[0]).toBe('100 connections: raw, 64 bytes, 1 s')
    expect(lines[1]).toMatch(/^model +waits on +messages\/s +CPU µs\/msg +interval +p50 µs +p99 µs/)
    expect(lines[2]).toMatch(/^poll-loop +libc poll +123 456 +5\.00 +– +40 +90/)
    expect(lines[3]).toMatch(/^blocking-serial +libc poll( +–)+$/)
    expect(text).toContain('The load generator used 5.00 µs of CPU per message')
    expect(text).toContain('left out: blocking-serial: one client at a time')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  test('an open loop is shown from both ends of the wait', () => {
    const sinceSent = { mean: 5, p50: 4, p90: 6, p99: 9, p999: 9, max: 9 }
    const cells = [cellOf('a', [measured({ result: { sinceSent } })], { rate: 5000 })]
    const text = renderTerminal(documentOf(cells), { wide: true })
    expect(text).toMatch(/p90 due +p99 due +p90 sent +p99 sent/)
    expect(text).toMatch(/^a +libc poll +1 000 +5\.00 +– +60 +90 +6 +9 +99/m)
    expect(text).toContain('coordinated omission')
    expect(explain(documentOf(cells))).toMatch(/^p99 sent +what a closed loop would have/m)
  })

  test('the cost sheet takes the load that is nearest to a hundred connections', () => {
    const cells = [
      cellOf('a', [measured({})], { connections: 1 }),
      cellOf('a', [measured({ cpuPerMessage: 7 })]),
      cellOf('a', [measured({})], { idle: 9900 }),
    ]
    const text = renderTerminal(documentOf(cells), { wide: true })
    const [, sheet = ''] = text.split('What each costs, with ')
    expect(sheet).toMatch(/^100 connections: raw, 64 bytes, 1 s\n/)
    expect(sheet).toMatch(/^a +libc poll +60 +95 +2\.01 +0\.0 +12 +20 +1\.000 +1 048 576$/m)
  })
})
