/** All exercises, in the order of the course. */
import { grading as partialSend } from '../../course/exercises/07-partial-send/grade.ts'
import { grading as backPressure } from '../../course/exercises/08-back-pressure/grade.ts'
import { grading as outOfDescriptors } from '../../course/exercises/09-out-of-descriptors/grade.ts'
import { grading as buildAPoller } from '../../course/exercises/10-build-a-poller/grade.ts'
import { grading as twoQuestions } from '../../course/exercises/11-two-questions/grade.ts'
import { grading as terminatorFinder } from '../../course/exercises/12-terminator-finder/grade.ts'
import { grading as longestLine } from '../../course/exercises/13-longest-line/grade.ts'
import { grading as predictTheHog } from '../../course/exercises/32-predict-the-hog/grade.ts'
import { type Exercise, readExercise } from './exercise.ts'

export const EXERCISES: readonly Exercise[] = [
  readExercise('07-partial-send', partialSend),
  readExercise('08-back-pressure', backPressure),
  readExercise('09-out-of-descriptors', outOfDescriptors),
  readExercise('10-build-a-poller', buildAPoller),
  readExercise('11-two-questions', twoQuestions),
  readExercise('12-terminator-finder', terminatorFinder),
  readExercise('13-longest-line', longestLine),
  readExercise('32-predict-the-hog', predictTheHog),
]
