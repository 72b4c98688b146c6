/** All exercises, in the order of the course. */
import { grading as serialEcho } from '../../course/exercises/01-serial-echo/grade.ts'
import { grading as halfClose } from '../../course/exercises/02-half-close/grade.ts'
import { grading as lingeringClose } from '../../course/exercises/03-lingering-close/grade.ts'
import { grading as buildASemaphore } from '../../course/exercises/04-build-a-semaphore/grade.ts'
import { grading as limitTheThreads } from '../../course/exercises/05-limit-the-threads/grade.ts'
import { grading as silentClients } from '../../course/exercises/06-silent-clients/grade.ts'
import { grading as partialSend } from '../../course/exercises/07-partial-send/grade.ts'
import { grading as backPressure } from '../../course/exercises/08-back-pressure/grade.ts'
import { grading as outOfDescriptors } from '../../course/exercises/09-out-of-descriptors/grade.ts'
import { grading as buildAPoller } from '../../course/exercises/10-build-a-poller/grade.ts'
import { grading as twoQuestions } from '../../course/exercises/11-two-questions/grade.ts'
import { grading as terminatorFinder } from '../../course/exercises/12-terminator-finder/grade.ts'
import { grading as longestLine } from '../../course/exercises/13-longest-line/grade.ts'
import { grading as aListenerThatSpins } from '../../course/exercises/14-a-listener-that-spins/grade.ts'
import { grading as delayedCalls } from '../../course/exercises/15-delayed-calls/grade.ts'
import { grading as idleAndDraining } from '../../course/exercises/16-idle-and-draining/grade.ts'
import { grading as oneProtocolThrows } from '../../course/exercises/17-one-protocol-throws/grade.ts'
import { grading as buildAHub } from '../../course/exercises/18-build-a-hub/grade.ts'
import { grading as yieldStar } from '../../course/exercises/19-yield-star/grade.ts'
import { grading as killedInTheMiddle } from '../../course/exercises/20-killed-in-the-middle/grade.ts'
import { grading as fromBlockingToGreen } from '../../course/exercises/21-from-blocking-to-green/grade.ts'
import { grading as betweenTwoPolls } from '../../course/exercises/22-between-two-polls/grade.ts'
import { grading as theWrongBus } from '../../course/exercises/23-the-wrong-bus/grade.ts'
import { grading as writeSaidFalse } from '../../course/exercises/24-write-said-false/grade.ts'
import { grading as errorWithoutAListener } from '../../course/exercises/25-error-without-a-listener/grade.ts'
import { grading as awaitTheDrain } from '../../course/exercises/26-await-the-drain/grade.ts'
import { grading as readyTooEarly } from '../../course/exercises/27-ready-too-early/grade.ts'
import { grading as fromCallbacksToAwait } from '../../course/exercises/28-from-callbacks-to-await/grade.ts'
import { grading as oneCount } from '../../course/exercises/29-one-count/grade.ts'
import { grading as closingTime } from '../../course/exercises/30-closing-time/grade.ts'
import { grading as replaceTheDead } from '../../course/exercises/31-replace-the-dead/grade.ts'
import { grading as readyMeansReady } from '../../course/exercises/32-ready-means-ready/grade.ts'
import { grading as theKernelsBlock } from '../../course/exercises/33-the-kernels-block/grade.ts'
import { grading as armItAgain } from '../../course/exercises/34-arm-it-again/grade.ts'
import { grading as twoCounters } from '../../course/exercises/35-two-counters/grade.ts'
import { grading as fromReadinessToCompletion } from '../../course/exercises/36-from-readiness-to-completion/grade.ts'
import { grading as openLoop } from '../../course/exercises/37-open-loop/grade.ts'
import { grading as honestFigures } from '../../course/exercises/38-honest-figures/grade.ts'
import { grading as aServerOfYourOwn } from '../../course/exercises/39-a-server-of-your-own/grade.ts'
import { grading as predictTheHog } from '../../course/exercises/40-predict-the-hog/grade.ts'
import { type Exercise, readExercise } from './exercise.ts'

export const EXERCISES: readonly Exercise[] = [
  readExercise('01-serial-echo', serialEcho),
  readExercise('02-half-close', halfClose),
  readExercise('03-lingering-close', lingeringClose),
  readExercise('04-build-a-semaphore', buildASemaphore),
  readExercise('05-limit-the-threads', limitTheThreads),
  readExercise('06-silent-clients', silentClients),
  readExercise('07-partial-send', partialSend),
  readExercise('08-back-pressure', backPressure),
  readExercise('09-out-of-descriptors', outOfDescriptors),
  readExercise('10-build-a-poller', buildAPoller),
  readExercise('11-two-questions', twoQuestions),
  readExercise('12-terminator-finder', terminatorFinder),
  readExercise('13-longest-line', longestLine),
  readExercise('14-a-listener-that-spins', aListenerThatSpins),
  readExercise('15-delayed-calls', delayedCalls),
  readExercise('16-idle-and-draining', idleAndDraining),
  readExercise('17-one-protocol-throws', oneProtocolThrows),
  readExercise('18-build-a-hub', buildAHub),
  readExercise('19-yield-star', yieldStar),
  readExercise('20-killed-in-the-middle', killedInTheMiddle),
  readExercise('21-from-blocking-to-green', fromBlockingToGreen),
  readExercise('22-between-two-polls', betweenTwoPolls),
  readExercise('23-the-wrong-bus', theWrongBus),
  readExercise('24-write-said-false', writeSaidFalse),
  readExercise('25-error-without-a-listener', errorWithoutAListener),
  readExercise('26-await-the-drain', awaitTheDrain),
  readExercise('27-ready-too-early', readyTooEarly),
  readExercise('28-from-callbacks-to-await', fromCallbacksToAwait),
  readExercise('29-one-count', oneCount),
  readExercise('30-closing-time', closingTime),
  readExercise('31-replace-the-dead', replaceTheDead),
  readExercise('32-ready-means-ready', readyMeansReady),
  readExercise('33-the-kernels-block', theKernelsBlock),
  readExercise('34-arm-it-again', armItAgain),
  readExercise('35-two-counters', twoCounters),
  readExercise('36-from-readiness-to-completion', fromReadinessToCompletion),
  readExercise('37-open-loop', openLoop),
  readExercise('38-honest-figures', honestFigures),
  readExercise('39-a-server-of-your-own', aServerOfYourOwn),
  readExercise('40-predict-the-hog', predictTheHog),
]
