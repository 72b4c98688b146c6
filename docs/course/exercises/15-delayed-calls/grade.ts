import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'calls.ts',
  units,
  starter: {
    case: 'a cancelled call is not made',
    says: 'expected these calls so far: second got first second',
  },
  wrong: {
    'marks-it-only': {
      case: 'the loop does not wake up for a cancelled call',
      says: 'expected a sleep of 2 s got 1 s',
    },
    'takes-all-first': {
      case: 'a call that is due may be cancelled by the one before it',
      says: 'got first second third',
    },
    drains: {
      case: 'what a call adds is made in the next pass',
      says: 'expected these calls so far: again got again again',
    },
    'forgets-to-rise': {
      case: 'a thousand random steps, beside a list that is sorted each time',
      says: 'expected the calls',
    },
    'sorts-each-time': {
      case: '50000 timeouts, each of which is put off, cost little time',
      says: 'timed out after 3 s',
    },
    'leaves-it-in-the-heap': {
      case: 'cancelled calls leave nothing behind',
      says: 'expected less than 4 MiB more memory',
    },
  },
}
