import { describe, expect, test } from 'vitest'
import { type Cell, cpuRatio, figures, planCells } from '../../bench/cells.ts'
import type { Row } from '../../bench/rows.ts'
import type { Outcome, Parameters } from '../../bench/runner.ts'
import { renderTable } from '../../bench/table.ts'
import type { LoadResult } from '../../clients/load-result.ts'

const PARAMETERS: Parameters = {
  connections: [1, 100],
  idle: 0,
  protocol: 'raw',
  size: 64,
  duration: 1,
  warmup: 0.3,
  rounds: 3,
  seed: 1,
}

function row(name: string, wait = 'libc poll'): Row {
  const start = () => Promise.reject(new Error('not started in these tests'))
  return { name, wait, io: 'libc', start, cannot: () => undefined }
}

/** A round that was measured, with the figures that these tests look at. */
function measured(cpuPerMessage: number, messagesPerSecond = 1000): Outcome {
  const latency = { mean: 50, p50: 40, p90: 60, p99: 90, p999: 95, max: 99 }
  const server = { pid: 1, cpuSeconds: 1, cpuPerMessage, residentBefore: 0, residentAfter: 2 ** 20 }
  const result = { connected: 1, messagesPerSecond, latency, server, errors: {} }
  return { kind: 'measured', result: result as unknown as LoadResult }
}

function cell(name: string, rounds: Outcome[], connections = 100): Cell {
  return { row: row(name), connections, rounds }
}

test('a cell for each row and number of connections, and rows that are compared stand together', () => {
  const cells = planCells([row('a'), row('b')], PARAMETERS)
  const names = cells.map((one) => `${one.row.name} ${one.connections}`)
  expect(names).toEqual(['a 1', 'b 1', 'a 100', 'b 100'])
})

describe('ratios', () => {
  test('are taken round by round, so that a slow round of the machine cancels out', () => {
    const yardstick = cell('C epoll loop', [measured(4), measured(8), measured(4)])
    const model = cell('poll-loop', [measured(5), measured(10), measured(5)])
    expect(cpuRatio(model, yardstick)).toEqual({ median: 1.25, low: 1.25, high: 1.25 })
  })

  test('leave out a round in which either failed', () => {
    const failed: Outcome = { kind: 'failed', reason: 'gone' }
    const yardstick = cell('C epoll loop', [failed, measured(4), measured(4)])
    const model = cell('poll-loop', [measured(400), measured(6), failed])
    expect(cpuRatio(model, yardstick)).toEqual({ median: 1.5, low: null, high: null })
  })
})

test('a cell in which nothing was measured has no figures', () => {
  expect(figures(cell('a', [{ kind: 'left out', reason: 'why' }]))).toBeUndefined()
})

test('the table has a line per row, aligned, and says why a cell is empty', () => {
  const rounds: Outcome[] = [{ kind: 'left out', reason: 'one client at a time' }]
  const text = renderTable(
    [cell('poll-loop', [measured(5, 123456)]), cell('blocking-serial', rounds)],
    { ...PARAMETERS, connections: [100], rounds: 1 },
  )
  const lines = text.split('\n')
  expect(lines[0]).toBe('100 connections: raw, 64 bytes, 1 s')
  expect(lines[1]).toMatch(/^model +waits on +messages\/s +p50 µs +p99 µs +max µs +CPU µs\/msg/)
  expect(lines[2]).toMatch(/^poll-loop +libc poll +123 456 +40 +90 +99 +5\.00 +1\.0 +0$/)
  expect(lines[3]).toMatch(/^blocking-serial +libc poll( +–){7}$/)
  expect(text).toContain('left out: blocking-serial: one client at a time')
})
