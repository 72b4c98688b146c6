import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const NO_BLOCK = 'when no block was free, the recv is armed again'
const PAUSE = 'a pause cancels the recv, and what comes before its end is not lost'
const EARLY = 'a resume before the cancelled recv has completed takes effect after it'

export const grading: UnitGrading = {
  file: 'reader.ts',
  units,
  starter: { case: NO_BLOCK, says: 'expected that the owner is told block 0: 12' },
  wrong: {
    'arms-at-each-completion': {
      case: 'one recv brings many blocks, and then the end',
      says: 'expected one recv in flight at a time',
    },
    'drops-what-comes-late': { case: PAUSE, says: 'expected a claim of the block' },
    'arms-at-once': { case: EARLY, says: 'expected one recv in flight at a time' },
    'forgets-the-resume': { case: EARLY, says: 'none: it hears no more' },
    'cancels-another': {
      case: 'the number of a completed recv is never cancelled: it is another’s by now',
      says: 'expected a cancel of the recv in flight',
    },
    'arms-in-a-pause': {
      case: 'a pause inside of received, and no block free at the same time',
      says: 'expected no recv in flight while it pauses',
    },
  },
}
