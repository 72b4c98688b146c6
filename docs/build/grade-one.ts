/** Grades one submission in a process of its own, for `npm run grade`: prints the grade as JSON. */
import { EXERCISES } from './course/all.ts'
import { gradeSubmission } from './course/grade.ts'

const [id, folder = ''] = process.argv.slice(2)
const exercise = EXERCISES.find((known) => known.id === id)!
const grade = await gradeSubmission(exercise, folder, { all: true })
process.stdout.write(JSON.stringify(grade))
