import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const SAME = 'two threads never take the same one, in whatever order they run'
const LOST = 'no wake-up is lost, in whatever order they run'

export const grading: UnitGrading = {
  file: 'semaphore.ts',
  units,
  starter: {
    case: 'a thread that finds none sleeps',
    says: 'one that goes on with none',
  },
  wrong: {
    spins: {
      case: 'a thread that finds none sleeps',
      says: 'it spins',
    },
    'load-then-store': {
      case: SAME,
      says: 'expected at most 1 that take one got 2',
    },
    'does-not-look-again': {
      case: SAME,
      says: 'expected at most 1 that take one got 2',
    },
    'sleeps-at-any-count': {
      case: LOST,
      says: 'a thread that sleeps for ever',
    },
    'wakes-before-it-adds': {
      case: LOST,
      says: 'a thread that sleeps for ever',
    },
    'wakes-only-from-zero': {
      case: 'two that sleep are both woken by two that give back',
      says: 'a thread that sleeps for ever',
    },
  },
}
