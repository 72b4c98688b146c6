import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'finder.ts',
  units,
  starter: {
    case: 'a terminator that is cut in two',
    says: 'expected the messages "one", "two", "" got "one\\r\\ntwo", ""',
  },
  wrong: {
    'holds-one-byte': {
      case: 'a terminator that is cut in two',
      says: 'expected the messages "one", "" got "one\\r\\n.\\r\\n"',
    },
    'keeps-a-view': {
      case: 'the memory of a chunk is used again',
      says: 'expected the messages "one", "two", "" got "oneo',
    },
    'drops-a-false-start': {
      case: 'what only looks like the beginning of a terminator belongs to the message',
      says: 'got "onetwo"',
    },
    'counts-and-forgets': {
      case: 'what only looks like the beginning of a terminator belongs to the message',
      says: 'expected the messages "one\\r", "" got "one\\r\\r\\n"',
    },
    'holds-as-many-bytes': {
      case: 'nothing is held back that can’t be the beginning of a terminator',
      says: 'expected the messages "one" got "on"',
    },
    'holds-everything': {
      case: 'nothing is held back that can’t be the beginning of a terminator',
      says: 'expected the messages "one" got ""',
    },
  },
}
