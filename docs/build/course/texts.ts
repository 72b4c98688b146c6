/** What a student reads: where he is, hints, and after a pass the solution. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTwoFilesPatch } from 'diff'
import { describePromise } from '../../../clients/check/promises.ts'
import { wrapped } from '../../../clients/terminal.ts'
import { EXERCISES } from './all.ts'
import { type Exercise, folderOf, pointsOf } from './exercise.ts'
import { type Progress, shownPath, workOf } from './place.ts'

/** A line for each exercise. */
export function renderList({ passed }: Progress): string {
  const width = Math.max(...EXERCISES.map(({ id }) => id.length))
  const lines = EXERCISES.map((exercise) => {
    const { id, session, kind, minutes, title } = exercise
    const mark = passed.includes(id) ? '✓' : '·'
    return `  ${mark} ${id.padEnd(width)}  ${`${session}`.padStart(2)}  ${kind.padEnd(8)}  ${title} (${minutes} min)`
  })
  const count = EXERCISES.filter(({ id }) => passed.includes(id)).length
  return `${lines.join('\n')}\n${count} of ${EXERCISES.length} have passed\n`
}

/** The text of an exercise, and where to work. */
export function renderTask(exercise: Exercise): string {
  const about = [
    `session ${exercise.session}`,
    exercise.model,
    ...(exercise.promise ? [describePromise(exercise.promise)] : []),
    `about ${exercise.minutes} minutes`,
    `${pointsOf(exercise)} points`,
  ]
  const where = `You write ${shownPath(exercise)}: ${about.join(', ')}.`
  return `${exercise.text}\n\n${wrapped(where).join('\n')}\n`
}

/** The first hints, with the task that each is for. */
export function renderHints({ hints }: Exercise, count: number): string {
  const all = hints.flatMap((list, i) =>
    list.map((hint) => wrapped(`  Task ${i + 1}: ${hint}`, '    ').join('\n')),
  )
  if (all.length === 0) return 'There are no hints.\n'
  const rest = all.length - count
  const more = rest > 0 ? `${rest} more: ask again` : 'these are all'
  return `${all.slice(0, count).join('\n')}\n  (${more})\n`
}

/** The solution as a difference to the student's own code, all hints, and where to go on. */
export function renderSolution(exercise: Exercise): string {
  const { id, grading, seen, promise } = exercise
  const own = join(workOf(exercise), grading.file)
  const solution = readFileSync(new URL(grading.file, folderOf(id, 'solution')), 'utf8')
  const yours = existsSync(own) ? readFileSync(own, 'utf8') : ''
  const patch = createTwoFilesPatch(shownPath(exercise), 'one solution', yours, solution)
  const related = EXERCISES.filter((one) => one.id !== id && promise && one.promise === promise)
  return [
    patch.replace(/^=+\n/, ''),
    renderHints(exercise, exercise.hints.flat().length),
    ...(related.length > 0
      ? [`The same promise in other models: ${related.map((one) => one.id).join(', ')}`]
      : []),
    ...(seen ? [`This mistake in public: ${seen}`] : []),
    '',
  ].join('\n')
}
