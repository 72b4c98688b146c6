import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const ALL_PLACES = 'all places can be used, and no more'
const WRAP = 'the counters go on where 32 bits end'

export const grading: UnitGrading = {
  file: 'queues.ts',
  units,
  starter: { case: ALL_PLACES, says: 'expected false: there is no room' },
  wrong: {
    'keeps-a-place-free': { case: ALL_PLACES, says: 'expected room for 103' },
    'wraps-the-counter': { case: ALL_PLACES, says: 'expected false: there is no room' },
    'publishes-first': {
      case: 'an entry is written before the tail says so',
      says: 'an entry that is not written',
    },
    'frees-first': {
      case: 'an entry is read before the head gives its place away',
      says: 'expected that take returns 100, 101',
    },
    'compares-the-counters': { case: WRAP, says: 'expected false: there is no room' },
    'takes-the-remainder': { case: WRAP, says: 'expected a word from 0 to 5' },
  },
}
