import type { UnitGrading } from '../../../build/course/exercise.ts'
import { units } from './units.ts'

const PREDICTION = 'there is a prediction of both figures, and of their order'
const MEASURED = 'what you have measured is what the run shows, from when a message was due'

export const grading: UnitGrading = {
  file: 'answers.ts',
  units,
  starter: { case: PREDICTION, says: 'expected two times above 0 in predicted' },
  wrong: {
    'no-prediction': { case: PREDICTION, says: 'expected two times above 0 in predicted' },
    'another-workload': {
      case: 'run.json is your run of the workload hog',
      says: 'expected the workload hog',
    },
    microseconds: { case: MEASURED, says: 'got 2826' },
    'since-sent': { case: MEASURED, says: 'ms in measured.threads got 1.3' },
    'never-looked': {
      case: 'you have compared the prediction with the run',
      says: 'expected a factor of 1.3',
    },
    'believes-in-interrupts': {
      case: 'the explanation is that of the run',
      says: 'expected the two sentences that are true',
    },
  },
}
