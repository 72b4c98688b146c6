/** The rows of a load in the order of their CPU per message, as far as the run can tell it. */
import type { Cell } from '../document/document.ts'
import { cpuRatio, figures, spread } from '../figures/figures.ts'
import { FEWEST_ROUNDS, isDistinguishable } from '../figures/statistics.ts'
import { coverageText } from './coverage.ts'

/**
 * The ranking, and which rows have no place in it, a line each. Instead of a ranking a line says
 * why there is none; no lines if there is nothing to compare.
 */
export function ranking(cells: readonly Cell[]): string[] {
  const measured = cells.filter(hasCost)
  const [ranked, others] = [
    measured.filter(hasInterval),
    measured.filter((cell) => !hasInterval(cell)),
  ]
  if (measured.length < 2) return []
  if (ranked.length < 2) {
    return [
      `CPU per message: no ranking, since an interval takes ${FEWEST_ROUNDS} calm rounds of a row`,
    ]
  }
  const coverage = coverageText(ranked.map((cell) => spread(cell, 'cpuPerMessage')))
  const tiers = tiersOf(ranked).map((tier, i) => `${i + 1}. ${names(tier, cells)}`)
  const left = `not ranked, with fewer than ${FEWEST_ROUNDS} calm rounds: ${names(others, cells)}`
  return [
    `CPU per message, in tiers (intervals of ${coverage}): ${tiers.join(' · ')}`,
    ...(others.length > 0 ? [left] : []),
  ]
}

/** The rows that have an interval, in tiers; the cheapest tier first. */
export function tiersOf(cells: readonly Cell[]): Cell[][] {
  return tiersBy(cells.filter(hasInterval), costOf, areApart)
}

/**
 * The first row of a tier is the one with the least amount of those that are left. Its tier holds
 * it and all rows that can't be told apart from it: so every row of a later tier was told apart
 * from it. (A chain of neighbours could not say this: if neither a and b nor b and c can be told
 * apart, a and c may.)
 */
export function tiersBy<Row>(
  rows: readonly Row[],
  amountOf: (row: Row) => number,
  areApart: (a: Row, b: Row) => boolean,
): Row[][] {
  const tiers: Row[][] = []
  let left = rows.toSorted((a, b) => amountOf(a) - amountOf(b))
  while (left.length > 0) {
    const [first] = left
    const tier = left.filter((row) => row === first || !areApart(row, first!))
    tiers.push(tier)
    left = left.filter((row) => !tier.includes(row))
  }
  return tiers
}

function areApart(a: Cell, b: Cell): boolean {
  const ratio = cpuRatio(a, b)
  return ratio !== null && isDistinguishable(ratio)
}

/** True if the row has a cost in a calm round, one in which the machine was its own. */
function hasCost(cell: Cell): boolean {
  return spread(cell, 'cpuPerMessage') !== null
}

function hasInterval(cell: Cell): boolean {
  return spread(cell, 'cpuPerMessage')?.coverage != null
}

function costOf(cell: Cell): number {
  return figures(cell)?.cpuPerMessage ?? 0
}

/** `poll-loop, asyncore`; with its way to wait where the table has the model in more than one. */
function names(cells: readonly Cell[], table: readonly Cell[]): string {
  const isAlone = (model: string) => table.filter((cell) => cell.model === model).length === 1
  return cells.map(({ model, wait }) => (isAlone(model) ? model : `${model} ${wait}`)).join(', ')
}
