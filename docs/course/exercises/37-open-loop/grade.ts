import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const LATE = 'a generator that comes late does not move what is due later'
const STILL = 'while the server stands still, messages become due, and all are sent later'
const END = 'what has no reply at the end has waited, too'

export const grading: UnitGrading = {
  file: 'pacer.ts',
  units,
  starter: { case: LATE, says: 'got 0, 14, 28, 42, 56, 70' },
  wrong: {
    drifts: { case: LATE, says: 'got 0, 14, 28, 42, 56, 70' },
    'counts-from-the-send': { case: LATE, says: 'expected that the latencies are' },
    'skips-what-it-missed': { case: STILL, says: 'expected that the messages are sent at' },
    'sends-all-that-is-due': { case: STILL, says: 'expected one message in flight at a time' },
    'leaves-out-the-unanswered': { case: END, says: 'got 1, 1' },
    'only-what-is-in-flight': { case: END, says: 'got 1, 1, 35' },
  },
}
