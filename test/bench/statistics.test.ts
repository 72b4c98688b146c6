import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  estimate,
  isDistinguishable,
  median,
  outliers,
  Random,
  shuffled,
} from '../../bench/figures/statistics.ts'

const figures = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), {
  minLength: 3,
  maxLength: 20,
})

test.each([
  [[], null],
  [[null], null],
  [[3], 3],
  [[3, 1], 2],
  [[9, 1, 2], 2],
  [[4, 1, null, 3, 2], 2.5],
])('the median of %j is %j', (values, expected) => {
  expect(median(values)).toBe(expected)
})

describe('estimate', () => {
  test('of nothing is nothing, of one or two no interval', () => {
    expect(estimate([null, undefined])).toBeNull()
    expect(estimate([2])).toEqual({ median: 2, low: null, high: null })
    expect(estimate([2, 4])).toEqual({ median: 3, low: null, high: null })
  })

  test('of measurements that agree is that, exactly', () => {
    expect(estimate([7, 7, 7])).toEqual({ median: 7, low: 7, high: 7 })
  })

  test('the median lies in the interval, and the interval in the sample', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const { median: middle, low, high } = estimate(values)!
        expect(middle).toBe(median(values))
        expect(low).toBeGreaterThanOrEqual(Math.min(...values))
        expect(low).toBeLessThanOrEqual(middle)
        expect(high).toBeGreaterThanOrEqual(middle)
        expect(high).toBeLessThanOrEqual(Math.max(...values))
      }),
    )
  })

  test('the same measurements have the same interval', () => {
    fc.assert(
      fc.property(figures, (values) => {
        expect(estimate(values)).toEqual(estimate(values))
      }),
    )
  })

  test('of 95 % intervals about 95 % hold the true median', () => {
    const random = new Random(1)
    let hits = 0
    for (let run = 0; run < 300; run++) {
      // Uniform from 0 to 2: the true median is 1.
      const sample = Array.from({ length: 15 }, () => random.below(2000) / 1000)
      const { low, high } = estimate(sample)!
      if (low! <= 1 && high! >= 1) hits += 1
    }
    expect(hits / 300).toBeGreaterThan(0.9)
    expect(hits / 300).toBeLessThan(0.99)
  })
})

describe('isDistinguishable', () => {
  test.each([
    [[0.8, 0.81, 0.82, 0.83, 0.84], true],
    [[1.2, 1.21, 1.22, 1.23, 1.24], true],
    [[0.9, 0.95, 1, 1.05, 1.1], false],
    [[1.2, 1.3], false],
  ])('%j: %s', (ratios, expected) => {
    expect(isDistinguishable(estimate(ratios)!)).toBe(expected)
  })
})

test('outliers are far from the others, and there are none among few', () => {
  expect(outliers([10, 11, 12, 11, 10, 40])).toEqual([40])
  expect(outliers([10, 11, 12, 13])).toEqual([])
  expect(outliers([1, 100, 1000])).toEqual([])
})

describe('shuffled', () => {
  test('has the same members, in an order that the seed decides', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
        const once = shuffled(values, new Random(seed))
        expect(once.toSorted((a, b) => a - b)).toEqual(values.toSorted((a, b) => a - b))
        expect(shuffled(values, new Random(seed))).toEqual(once)
      }),
    )
  })

  test('every order of three comes about as often', () => {
    const random = new Random(7)
    const counts = new Map<string, number>()
    for (let draw = 0; draw < 6000; draw++) {
      const order = shuffled(['a', 'b', 'c'], random).join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
