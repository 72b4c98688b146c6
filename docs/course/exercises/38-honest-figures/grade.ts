import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const RANK = 'a percentile is one of the values, found by its rank'
const INTERVAL = 'the interval is sure enough, and no wider than that takes'

export const grading: UnitGrading = {
  file: 'statistics.ts',
  units,
  starter: { case: RANK, says: 'expected p50, p90, p99, p100, p7' },
  wrong: {
    'sorts-as-text': { case: RANK, says: 'expected p50, p90, p99, p100, p7: 50, 90, 99' },
    'multiplies-a-fraction': { case: RANK, says: 'got 50, 90, 99, 100, 8' },
    'sorts-in-place': {
      case: 'what was measured stays in its order',
      says: 'got 96, 97, 98',
    },
    'averages-percentiles': {
      case: 'the p99 of several runs is that of all their messages',
      says: 'expected p99, p50: 80, 2',
    },
    'cuts-one-side-only': { case: INTERVAL, says: 'got 1 to 6, sure by 0.984' },
    'compares-medians': {
      case: 'a comparison says that it can’t tell when it can’t',
      says: "expected can't tell got faster",
    },
  },
}
