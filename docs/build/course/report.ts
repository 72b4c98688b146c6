/** What a student is told of a grade: one failure at a time, with all that led to it. */
import { describePromise } from '../../../clients/check/promises.ts'
import { brokenText } from '../../../clients/check/report.ts'
import { type Exercise, pointsOf } from './exercise.ts'
import type { CaseGrade, Grade } from './grades.ts'

export function renderGrade(exercise: Exercise, grade: Grade): string {
  const { verdict, points, problem, cases } = grade
  const kept = cases.filter((one) => one.verdict.kind === 'kept')
  const head = `${exercise.id}: ${verdict}, ${points} of ${pointsOf(exercise)} points`
  const lines = kept.map(({ name }) => `  ✓ ${name}`)
  const failed = cases.find((one) => one.verdict.kind !== 'kept')
  const failure = failed ? [describeFailure(exercise, failed)] : []
  return [head, ...lines, ...(problem ? [`  ✗ ${problem}`] : []), ...failure, ''].join('\n')
}

/** The steps so far, what was expected and received, and the promise. */
export function describeFailure({ promise }: Exercise, { name, verdict }: CaseGrade): string {
  if (verdict.kind === 'kept') return ''
  if (verdict.kind === "can't tell") return `  ? ${name}: can't tell: ${verdict.reason}`
  if (verdict.kind === 'timed out') {
    return `  ✗ ${name}: timed out after ${verdict.after} s`
  }
  const about = promise === undefined ? '' : ` (${describePromise(promise)})`
  return brokenText(`  ✗ ${name}${about}`, verdict)
}
