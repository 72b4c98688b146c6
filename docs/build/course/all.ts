/** All exercises, in the order of the course. */
import { grading as partialSend } from '../../course/exercises/07-partial-send/grade.ts'
import { type Exercise, readExercise } from './exercise.ts'

export const EXERCISES: readonly Exercise[] = [readExercise('07-partial-send', partialSend)]
