/** How often equal rows are called different, and how often rows that differ are found. */
import { describe, expect, test } from 'vitest'
import { compareRuns } from '../../bench/compare/comparison.ts'
import type { BenchDocument, Cell } from '../../bench/document/document.ts'
import { cpuRatio } from '../../bench/figures/figures.ts'
import { isDistinguishable, Random } from '../../bench/figures/statistics.ts'
import { tiersOf } from '../../bench/report/ranking.ts'
import { cellOf, documentOf, measured } from './documents.ts'

const REPETITIONS = 3000
/** By so much the share of false differences may exceed 5 %: two standard errors of a simulation. */
const TOLERANCE = 2 * Math.sqrt((0.05 * 0.95) / REPETITIONS)
const ROUNDS = [6, 7, 10]

/** The noise of a machine: log-normal, and now and then a round that something else has slowed. */
class Noise {
  readonly #random: Random

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  /** A factor near 1. @param scatter the standard deviation of its logarithm */
  factor(scatter: number): number {
    const normal = Math.sqrt(-2 * Math.log(1 - this.#unit())) * Math.cos(2 * Math.PI * this.#unit())
    const isDisturbed = this.#unit() < 0.04
    return Math.exp(scatter * normal) * (isDisturbed ? 1.1 + this.#unit() : 1)
  }

  /** From 0 to 1, without 1. */
  #unit(): number {
    return this.#random.below(2 ** 30) / 2 ** 30
  }
}

/** Rows of one run: each round has a speed of its own, which all rows share. */
function rowsOf(noise: Noise, rounds: number, costs: readonly number[]): Cell[] {
  const speeds = Array.from({ length: rounds }, () => noise.factor(0.1))
  return costs.map((cost, i) => {
    const outcomes = speeds.map((speed) =>
      measured({ cpuPerMessage: cost * speed * noise.factor(0.03) }),
    )
    return cellOf(`row ${i}`, outcomes)
  })
}

/** A run of one cell, each of whose figures scatters by itself. */
function runOf(noise: Noise, rounds: number, cost: number, rate: number): BenchDocument {
  const outcomes = Array.from({ length: rounds }, () => {
    const p50 = 40 * noise.factor(0.05)
    const p99 = p50 * 3 * noise.factor(0.1)
    return measured({
      cpuPerMessage: cost * noise.factor(0.03),
      messagesPerSecond: 1000 / noise.factor(0.05),
      result: { latency: { mean: p50, p50, p90: p50, p99, p999: p99, max: p99 } },
    })
  })
  return documentOf([cellOf('poll-loop', outcomes, { rate })])
}

function shareOf(repetitions: number, isHit: () => boolean): number {
  const hits = Array.from({ length: repetitions }, isHit)
  return hits.filter(Boolean).length / repetitions
}

describe.each(ROUNDS)('with %i rounds', (rounds) => {
  const noise = new Noise(rounds)

  function areToldApart(costs: readonly [number, number]): boolean {
    const [a, b] = rowsOf(noise, rounds, costs)
    return isDistinguishable(cpuRatio(a!, b!)!)
  }

  test('two equal rows of a run are called different in 5 of 100 runs at most', () => {
    expect(shareOf(REPETITIONS, () => areToldApart([5, 5]))).toBeLessThan(0.05 + TOLERANCE)
  })

  test('two rows that differ by 10 % are told apart in most runs', () => {
    expect(shareOf(500, () => areToldApart([5, 5.5]))).toBeGreaterThan(0.6)
  })

  // The first row is the lowest of all, and so most likely one that chance has made a little lower.
  test('of a dozen equal rows about 5 of 100 are put in a later tier', () => {
    const costs = Array.from({ length: 12 }, () => 5)
    let later = 0
    for (let i = 0; i < 400; i++) {
      const [first = []] = tiersOf(rowsOf(noise, rounds, costs))
      later += costs.length - first.length
    }
    expect(later / 400 / (costs.length - 1)).toBeLessThan(0.07)
  })

  test.each([0, 1000])('two equal runs, %i messages/s asked for: the same', (rate) => {
    const isCalledDifferent = () => {
      const [a, b] = [runOf(noise, rounds, 5, rate), runOf(noise, rounds, 5, rate)]
      return compareRuns(a, b, 0).cells[0]?.verdict !== '≈'
    }
    expect(shareOf(REPETITIONS, isCalledDifferent)).toBeLessThan(0.05 + TOLERANCE)
  })

  test('a run that costs 10 % more is found in most cases', () => {
    const isFound = () => {
      const [a, b] = [runOf(noise, rounds, 5, 0), runOf(noise, rounds, 5.5, 0)]
      return compareRuns(a, b, 5).cells[0]?.verdict === 'slower'
    }
    expect(shareOf(500, isFound)).toBeGreaterThan(0.5)
  })
})
