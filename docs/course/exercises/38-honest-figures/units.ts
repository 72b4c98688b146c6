import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

interface Interval {
  readonly low: number
  readonly high: number
  readonly coverage: number
}

interface Submission {
  percentile(values: readonly number[], percent: number): number
  percentileOfAll(runs: readonly (readonly number[])[], percent: number): number
  intervalOf(values: readonly number[]): Interval | undefined
  compare(ratios: readonly number[]): string
}

/** From 1 to 100, not in order. */
const HUNDRED = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1)
/** One of ten rounds met something else on this machine. */
const ROUNDS = [104, 98, 101, 97, 950, 103, 99, 100, 102, 96]

export const units: readonly UnitCase[] = [
  {
    name: 'a percentile is one of the values, found by its rank',
    points: 2,
    run: ({ percentile }: Submission, note) => {
      note('the latencies are 1 to 100, not in order')
      const asked = [50, 90, 99, 100, 7]
      const got = asked.map((percent) => percentile(HUNDRED, percent))
      same(`p${asked.join(', p')}`, asked, got)
      note('the latencies are 9, 80, 700: three values')
      same('p50, p99', [80, 700], [percentile([80, 700, 9], 50), percentile([80, 700, 9], 99)])
    },
  },
  {
    name: 'what was measured stays in its order',
    points: 1,
    run: ({ percentile, intervalOf }: Submission, note) => {
      const values = [...ROUNDS]
      note(`of ${values.join(', ')}`)
      percentile(values, 50)
      intervalOf(values)
      same('the values afterwards', ROUNDS, values)
    },
  },
  {
    name: 'the p99 of several runs is that of all their messages',
    points: 2,
    run: ({ percentileOfAll }: Submission, note) => {
      note('four runs: three of 10 messages of 1 ms, one of 970 messages, of which 20 took 80 ms')
      const short = Array.from({ length: 10 }, () => 1)
      const long = Array.from({ length: 970 }, (_, i) => (i % 50 === 0 ? 80 : 2))
      same(
        'p99, p50',
        [80, 2],
        [
          percentileOfAll([short, short, short, long], 99),
          percentileOfAll([short, short, short, long], 50),
        ],
      )
      note('two runs: 900 messages of 1 ms, and 100 messages of which 5 took 80 ms')
      const calm = Array.from({ length: 900 }, () => 1)
      const rough = Array.from({ length: 100 }, (_, i) => (i < 5 ? 80 : 1))
      same('p99', [1], [percentileOfAll([calm, rough], 99)])
    },
  },
  {
    name: 'the interval is sure enough, and no wider than that takes',
    points: 3,
    run: ({ intervalOf }: Submission, note) => {
      const due: [count: number, low: number, high: number, coverage: number][] = [
        [6, 1, 6, 0.969],
        [8, 1, 8, 0.992],
        [9, 2, 8, 0.961],
        [10, 2, 9, 0.979],
        [20, 6, 15, 0.959],
        [100, 40, 61, 0.965],
      ]
      for (const [count, low, high, coverage] of due) {
        note(`the values are 1 to ${count}`)
        const values = Array.from({ length: count }, (_, i) => count - i)
        const expected = show({ low, high, coverage })
        const got = show(intervalOf(values))
        if (expected !== got) throw new Broken(expected, got)
      }
    },
  },
  {
    name: 'five values are too few to be sure',
    points: 1,
    run: ({ intervalOf }: Submission) => {
      const got = intervalOf([1, 2, 3, 4, 5])
      if (got !== undefined)
        throw new Broken('undefined: from the lowest to the highest is 0.938', show(got))
    },
  },
  {
    name: 'one wild value moves neither end',
    points: 1,
    run: ({ intervalOf }: Submission, note) => {
      note(`of ${ROUNDS.join(', ')}`)
      const expected = show({ low: 97, high: 104, coverage: 0.979 })
      const got = show(intervalOf(ROUNDS))
      if (expected !== got) throw new Broken(expected, got)
    },
  },
  {
    name: 'a comparison says that it can’t tell when it can’t',
    points: 2,
    run: ({ compare }: Submission, note) => {
      const due: [ratios: number[], verdict: string][] = [
        [[0.9, 0.88, 0.93, 0.91, 0.87, 0.92], 'faster'],
        [[1.1, 1.08, 1.02, 1.3, 1.07, 1.01, 1.2], 'slower'],
        [[0.9, 0.88, 0.93, 0.91, 0.87, 1.02], "can't tell"],
        [[0.5, 0.5, 0.5], "can't tell"],
        [[0.9, 0.88, 0.93, 0.91, 0.87, 0.92, 0.9, 0.89, 1.4], 'faster'],
        [[], "can't tell"],
      ]
      for (const [ratios, verdict] of due) {
        note(`after ÷ before in ${ratios.length} rounds: ${ratios.join(', ') || 'none'}`)
        const got = compare(ratios)
        if (got !== verdict) throw new Broken(verdict, String(got))
      }
    },
  },
]

function show(interval: Interval | undefined): string {
  if (!interval) return 'undefined'
  const { low, high, coverage } = interval
  return `${low} to ${high}, sure by ${coverage.toFixed(3)}`
}

function same(what: string, due: readonly number[], got: readonly number[]): void {
  if (due.join(', ') !== got.join(', '))
    throw new Broken(`${what}: ${due.join(', ')}`, got.join(', '))
}
