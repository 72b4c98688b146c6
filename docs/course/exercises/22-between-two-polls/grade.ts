import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

export const grading: UnitGrading = {
  file: 'room.ts',
  units,
  starter: {
    case: 'what is posted before the first poll, and between two polls, is not lost',
    says: 'expected that ann is told 1 one got no answer',
  },
  wrong: {
    'forgets-to-clear': {
      case: 'a poll waits until there is something new, or its time is over',
      says: 'expected that the poll of ann waits got an answer with nothing',
    },
    'fills-the-queue': {
      case: 'an answer takes nothing from another one, nor from the next if it gets lost',
      says: 'expected that ann on her phone is told 1 one got no answer',
    },
    'hands-over-the-newest': {
      case: 'two posts in one turn, and a post in the turn in which the time is over',
      says: 'expected that ann has heard 1 one, 2 two got 2 two',
    },
    'last-one-clears': {
      case: 'one poll is killed in each turn, and its client asks again',
      says: 'waits got an answer with nothing',
    },
    'counts-from-the-oldest': {
      case: 'the room keeps the last 100 messages, and says when others are missed',
      says: 'expected after 50: 100 messages, and none missed',
    },
    'leaves-its-ticket': {
      case: 'polls that have ended leave nothing behind',
      says: 'less than 1 MiB for polls that have ended',
    },
  },
}
