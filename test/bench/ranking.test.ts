import { describe, expect, test } from 'vitest'
import type { Cell, Outcome } from '../../bench/document/document.ts'
import { wrapped } from '../../bench/report/fit.ts'
import { ranking, tiersOf } from '../../bench/report/ranking.ts'
import { cellOf, measured } from './documents.ts'

/** A row whose rounds cost nearly `cost`; `order` makes rows of the same cost differ by chance. */
function rowOf(model: string, cost: number, order = 0, wait = 'libc poll'): Cell {
  const scatter = [0, 1, 1, 2, 2, 3].map((step, i) => ((i + order) % 2 === 0 ? step : -step))
  const rounds = scatter.map((step) => measured({ cpuPerMessage: cost * (1 + step / 100) }))
  return cellOf(model, rounds, {}, wait)
}

const shorter = (cell: Cell, rounds: number) => ({ ...cell, rounds: cell.rounds.slice(0, rounds) })

describe('the tiers', () => {
  const namesOf = (cells: readonly Cell[]) =>
    tiersOf(cells).map((tier) => tier.map(({ model }) => model))

  test('hold the rows that can not be told apart from the first of their tier', () => {
    const cells = [rowOf('slow', 8), rowOf('fast', 4), rowOf('same', 4.02, 1), rowOf('slower', 9)]
    expect(namesOf(cells)).toEqual([['fast', 'same'], ['slow'], ['slower']])
  })

  test('are no chain: what differs from the first opens the next tier', () => {
    // a and b are alike, and so are b and c; but a and c are not.
    const cells = [rowOf('a', 4), rowOf('b', 4.1, 1), rowOf('c', 4.2)]
    expect(namesOf(cells)).toEqual([['a', 'b'], ['c']])
    expect(namesOf(cells.slice(1))).toEqual([['b', 'c']])
  })

  test('a noisy row stays with the first that it may be as cheap as', () => {
    const costs = [3.9, 9, 3.9, 9, 9, 9]
    const noisy = cellOf(
      'noisy',
      costs.map((cpuPerMessage) => measured({ cpuPerMessage })),
    )
    expect(namesOf([rowOf('fast', 4), noisy, rowOf('slow', 8)])).toEqual([
      ['fast', 'noisy'],
      ['slow'],
    ])
  })
})

describe('the ranking', () => {
  test('names the models, and their way to wait where there is more than one', () => {
    const cells = [
      rowOf('poll-loop', 4),
      rowOf('poll-loop', 8, 0, 'libc epoll'),
      rowOf('callbacks', 6, 0, 'node'),
    ]
    expect(ranking(cells)).toEqual([
      'CPU per message, in tiers (intervals of 96.9 %): ' +
        '1. poll-loop libc poll · 2. callbacks · 3. poll-loop libc epoll',
    ])
  })

  test('fits 80 columns when it is wrapped', () => {
    const cells = Array.from({ length: 20 }, (_, i) => rowOf(`Python socketserver ${i}`, 4 + i))
    const lines = ranking(cells).flatMap((line) => wrapped(line, 80).split('\n'))
    expect(lines.length).toBeGreaterThan(3)
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  test('is refused with fewer than 6 rounds', () => {
    const cells = [shorter(rowOf('a', 4), 5), shorter(rowOf('b', 8), 5)]
    expect(ranking(cells)).toEqual([
      'CPU per message: no ranking, since an interval takes 6 calm rounds of a row',
    ])
  })

  test('names the rows that have too few rounds of their own', () => {
    const cells = [rowOf('a', 4), rowOf('b', 8), shorter(rowOf('c', 2), 5)]
    expect(ranking(cells)).toEqual([
      'CPU per message, in tiers (intervals of 96.9 %): 1. a · 2. b',
      'not ranked, with fewer than 6 calm rounds: c',
    ])
  })

  test('leaves out rows without a cost, and those whose rounds were all crowded', () => {
    const machine = { clientWaited: 0.5, serverWaited: 0.5, othersUsed: 0.9, stolen: 0 }
    const six = (outcome: Outcome) => Array.from({ length: 6 }, () => outcome)
    const cells = [
      cellOf('busy', six(measured({ result: { machine } }))),
      cellOf('unknown', six(measured({ result: { server: null } }))),
      cellOf('failed', six({ kind: 'failed', reason: 'no luck' })),
    ]
    expect(ranking([...cells, rowOf('a', 4), rowOf('b', 8)])).toEqual([
      'CPU per message, in tiers (intervals of 96.9 %): 1. a · 2. b',
    ])
    expect(ranking([...cells, rowOf('a', 4)])).toEqual([])
  })
})
