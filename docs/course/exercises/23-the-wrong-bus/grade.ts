import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const CUT = 'a server that was cut off brings what it has missed, and nothing twice'

export const grading: UnitGrading = {
  file: 'room-server.ts',
  units,
  starter: {
    case: CUT,
    says: 'expected that the people on server B see 1 one, 2 two, 3 three got 1 one',
  },
  wrong: {
    'begins-at-the-newest': {
      case: CUT,
      says: 'expected that the people on server B see 1 one, 2 two, 3 three got 1 one',
    },
    'gives-up-after-the-first-cut': {
      case: 'a server is cut off again and again',
      says: 'expected that the people on server B see 1 one, 2 two got 1 one',
    },
    'waits-until-it-is-heard': {
      case: 'a server that hears nothing holds up nobody’s post',
      says: 'expected an acknowledgement of one got none',
    },
    'delivers-its-own-at-once': {
      case: 'people on both servers see one order',
      says: 'expected that the people on server B see 1 one, 2 two got 2 two',
    },
    'acknowledges-before-the-append': {
      case: 'a post is acknowledged when the log has it, and not before',
      says: 'expected no acknowledgement while the log does not have it got one',
    },
    'compares-the-texts': {
      case: 'a post that is repeated since its answer was lost is there once',
      says: 'see 1 yes, 2 yes got 1 yes',
    },
  },
}
