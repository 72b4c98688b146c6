import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'hub.ts',
  units,
  starter: {
    case: 'two green threads take turns',
    says: 'expected a1, b1, a2, b2, a3, b3 got a1, a2, a3, b1, b2, b3',
  },
  wrong: {
    'wakes-in-order-of-sleeping': {
      case: 'all sleep at the same time, and who wakes first goes on first',
      says: 'got after 3, after 1, after 2, after 1',
    },
    'starts-at-once': {
      case: 'who spawns another goes on before it',
      says: 'got the new one, the old one',
    },
    'wakes-one-joiner': {
      case: 'all that join it go on when a green thread ends',
      says: 'expected done, first, second got done, second',
    },
    'wakes-no-late-joiner': {
      case: 'who joins one that has ended goes on',
      says: 'expected done, late got done',
    },
    'lets-it-through': {
      case: 'one that throws ends, and no other with it',
      says: 'an error that leaves it: TypeError: a mistake',
    },
    'runs-the-ready-first': {
      case: 'those that are always ready do not keep others asleep',
      says: 'got busy 1, busy 2, busy 3, busy 4, busy 5, busy 6, woken',
    },
  },
}
