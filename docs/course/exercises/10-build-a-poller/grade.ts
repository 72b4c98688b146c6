import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'poller.ts',
  units,
  starter: {
    case: 'one that is ready is reported, with its events',
    says: 'expected 7 with POLLOUT and POLLHUP got nothing',
  },
  wrong: {
    'stops-looking': {
      case: 'a thousand are watched, and those that are ready are found',
      says: 'expected 3, 500 and 1002 with POLLIN got 3 POLLIN',
    },
    'never-grows': {
      case: 'a thousand are watched, and those that are ready are found',
      says: 'a set of at least 1000 entries',
    },
    'only-adds-events': {
      case: 'modify changes what is asked for',
      says: 'nobody asks for POLLOUT',
    },
    'rounds-down': {
      case: 'a time limit is whole milliseconds, rounded up, and −1 for ever',
      says: 'expected poll(…, 1)',
    },
    'forgets-the-moved': {
      case: 'one that was removed is watched no longer, and all others still are',
      says: 'a set of 5 POLLIN, 7 POLLIN, 8 POLLOUT',
    },
    'delivers-to-the-next-owner': {
      case: 'what is left of a batch does not reach the next owner of a descriptor',
      says: 'no events for 6, which is another now',
    },
  },
}
