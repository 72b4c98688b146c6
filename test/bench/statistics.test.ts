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
import { unpairedRatio } from '../../bench/figures/unpaired.ts'

const figures = fc.array(fc.double({ min: 0.1, max: 100, noNaN: true }), {
  minLength: 6,
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
  const NONE = { low: null, high: null, coverage: null }

  test('of nothing is nothing, of fewer than six no interval', () => {
    expect(estimate([null, undefined])).toBeNull()
    expect(estimate([2])).toEqual({ median: 2, ...NONE })
    expect(estimate([2, 4, 4, 2, null, 3])).toEqual({ median: 3, ...NONE })
  })

  // The coverages are in the tables of the sign test: 1 - 2 × P(at most `cut` heads of `rounds`).
  test.each([
    [6, 0, 0.96875],
    [7, 0, 0.984375],
    [8, 0, 0.9921875],
    [9, 1, 0.9609375],
    [10, 1, 0.978515625],
    [20, 5, 0.958610534667],
    [2000, 955, 0.953447179],
  ])('of %i the %i lowest and highest are left out: %d', (rounds, cut, coverage) => {
    const values = Array.from({ length: rounds }, (_, i) => i)
    const { low, high, ...found } = estimate(shuffled(values, new Random(rounds)))!
    expect([low, high]).toEqual([cut, rounds - 1 - cut])
    expect(found.coverage).toBeCloseTo(coverage, 8)
  })

  test('of measurements that agree is that, exactly', () => {
    expect(estimate([7, 7, 7, 7, 7, 7])).toEqual({ median: 7, low: 7, high: 7, coverage: 0.96875 })
  })

  test('the median lies in the interval, and the ends are measurements', () => {
    fc.assert(
      fc.property(figures, (values) => {
        const { median: middle, low, high } = estimate(values)!
        expect(middle).toBe(median(values))
        expect(values).toContain(low)
        expect(values).toContain(high)
        expect(low).toBeLessThanOrEqual(middle)
        expect(high).toBeGreaterThanOrEqual(middle)
      }),
    )
  })

  test('as many intervals as they say hold the true median', () => {
    const random = new Random(1)
    const isHit = () => {
      // Uniform from 0 to 2: the true median is 1.
      const sample = Array.from({ length: 15 }, () => random.below(2000) / 1000)
      const { low, high } = estimate(sample)!
      return low! <= 1 && high! >= 1
    }
    const hits = Array.from({ length: 3000 }, isHit).filter(Boolean).length
    expect(Math.abs(hits / 3000 - 0.9648)).toBeLessThan(0.01)
  })
})

describe('the ratio of two samples that are not paired', () => {
  const upTo = (length: number) => Array.from({ length }, (_, i) => 1 + i / 1000)

  /** The chance of at most `pairs` pairs in which b is lower: all orders are counted. */
  function byCounting(a: number, b: number, pairs: number): number {
    const isB = Array.from({ length: 2 ** (a + b) }, (_, bits) =>
      Array.from({ length: a + b }, (_, i) => (bits >> i) & 1),
    ).filter((order) => order.filter(Boolean).length === b)
    const lower = isB.map((order) =>
      order.reduce<number>(
        (sum, one, i) => sum + (one ? order.slice(i).filter((x) => !x).length : 0),
        0,
      ),
    )
    return lower.filter((count) => count <= pairs).length / isB.length
  }

  test.each([
    [6, 6],
    [6, 7],
    [7, 6],
    [6, 8],
  ])('of %i and %i: the coverage is what counting all orders gives', (a, b) => {
    const { low, coverage } = unpairedRatio(upTo(a), upTo(b), 0.95)!
    const ratios = upTo(b).flatMap((y) => upTo(a).map((x) => y / x))
    const cut = ratios.toSorted((x, y) => x - y).indexOf(low!)
    expect(coverage).toBeCloseTo(1 - 2 * byCounting(a, b, cut), 10)
    expect(1 - 2 * byCounting(a, b, cut + 1)).toBeLessThan(0.95)
  })

  // The critical values of the tables of Mann and Whitney: 5, 8, 23 and 127.
  test.each([
    [6, 5],
    [7, 8],
    [10, 23],
    [20, 127],
  ])('of %i and as many: %i pairs are left out at each end', (size, cut) => {
    const ratios = upTo(size).flatMap((y) => upTo(size).map((x) => y / x))
    const sorted = ratios.toSorted((x, y) => x - y)
    const { low, high } = unpairedRatio(upTo(size), upTo(size), 0.95)!
    expect([low, high]).toEqual([sorted[cut], sorted.at(-1 - cut)])
  })

  test('lies in its interval, and turned around it is its inverse', () => {
    fc.assert(
      fc.property(figures, figures, (a, b) => {
        const { median: ratio, low, high } = unpairedRatio(a, b, 0.95)!
        expect(low).toBeLessThanOrEqual(ratio)
        expect(high).toBeGreaterThanOrEqual(ratio)
        const turned = unpairedRatio(b, a, 0.95)!
        expect(turned.low).toBeCloseTo(1 / high!, 10)
      }),
    )
  })

  test('has no interval with fewer than six on a side', () => {
    expect(unpairedRatio([], [1], 0.95)).toBeNull()
    const none = { low: null, high: null, coverage: null }
    expect(unpairedRatio(upTo(9), [2, 2, 2, 2, 2], 0.95)).toMatchObject(none)
  })

  test('is found for many rounds, too', () => {
    const { coverage } = unpairedRatio(upTo(60), upTo(60), 0.95)!
    expect(coverage).toBeCloseTo(0.95, 2)
  })
})

describe('isDistinguishable', () => {
  test.each([
    [[0.8, 0.81, 0.82, 0.83, 0.84, 0.85], true],
    [[1.2, 1.21, 1.22, 1.23, 1.24, 1.25], true],
    [[0.9, 0.95, 1, 1.05, 1.1, 1.2], false],
    [[1.2, 1.3, 1.2, 1.3, 1.2], false],
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
