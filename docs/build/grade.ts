/** The command `npm run grade`: many submissions, for a teacher. */
import { existsSync, statSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { note } from '../../clients/terminal.ts'
import { commandOf } from '../../servers/boot/build.mjs'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { reasonOf } from '../../servers/support/error-code.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { EXERCISES } from './course/all.ts'
import { type Exercise, pointsOf } from './course/exercise.ts'
import type { Grade } from './course/grades.ts'
import {
  classroomResult,
  exercismResult,
  type Mark,
  renderMarksCsv,
  renderMarksJunit,
} from './course/marks.ts'
import { type Limits, runWithin } from './course/watch.ts'

interface Flags {
  readonly exercises?: string
  readonly out?: string
  readonly jobs: number
  readonly seconds: number
  readonly memory: number
  readonly processes: number
}

const HELP = `
A submission is a folder: a fork of this project, whose my/NN-name/ is graded, or a folder that has
NN-name/ in it. The graders are those of this project; a submission's own are ignored.

Each submission runs as processes of its own, with limits for time, memory, processes and descriptors.
That is no sandbox: it stops mistakes, and nobody who wants to do harm.

The table goes to stdout as CSV. With --out there are also grades.csv, junit.xml, and for each
submission and exercise results.json (Exercism, version 3) and result.json (classroom50/result/v1).

Several are graded at a time. What has not passed is graded once more, alone, and that counts.

Examples:
  npm run -s grade -- submissions/* > grades.csv
  npm run grade -- submissions/* --exercises 07-partial-send --out grades

Exit codes: 0 all are graded, whatever they got; 1 something can't be written; 2 wrong use.`

const MiB = 2 ** 20
const DESCRIPTORS = 4096

exitWhenInterrupted()
await runCommand(
  createCommand('grade', 'Grade many submissions of the exercises.')
    .argument('<folders...>', 'submissions')
    .option('--exercises <ids>', 'only these, separated by commas; a missing one has no points')
    .option('--out <folder>', 'write all forms of the grades there')
    .option('--jobs <n>', 'submissions at a time', integer(1, 64), 2)
    .option('--seconds <n>', 'for one submission and exercise', integer(1, 3600), 60)
    .option('--memory <MiB>', 'of all its processes', integer(64, 65536), 1024)
    .option('--processes <n>', 'at a time', integer(4, 10000), 64)
    .addHelpText('after', HELP)
    .action(grade),
)

interface Task {
  readonly student: string
  readonly exercise: Exercise
  readonly folder: string
}

async function grade(folders: string[], flags: Flags): Promise<void> {
  const tasks = folders.flatMap((folder) => tasksOf(folder, flags))
  if (tasks.length === 0) throw new UsageError('no folder has an exercise in it')
  const limits = { ...flags, memory: flags.memory * MiB, descriptors: DESCRIPTORS }
  const marks: Mark[] = new Array(tasks.length)
  let next = 0
  const work = async () => {
    for (let i = next++; i < tasks.length; i = next++) {
      marks[i] = await markOf(tasks[i]!, limits)
      const { student, grade } = marks[i]!
      note(`[${i + 1}/${tasks.length}] ${student}, ${grade.exercise}: ${grade.verdict}`)
    }
  }
  await Promise.all(Array.from({ length: flags.jobs }, work))
  if (flags.jobs > 1) await tryAgain(tasks, marks, limits)
  await print(renderMarksCsv(marks))
  if (flags.out !== undefined) await writeAll(flags.out, marks)
}

/**
 * Beside one that spins, a right server may have been too slow. So what has failed beside others is
 * tried again alone, and that counts.
 */
async function tryAgain(tasks: readonly Task[], marks: Mark[], limits: Limits): Promise<void> {
  for (const [i, task] of tasks.entries()) {
    const { verdict, problem, cases } = marks[i]!.grade
    const isSure = verdict === 'failed' && problem !== undefined && cases.length === 0
    if (isSure || !['failed', 'timed out'].includes(verdict)) continue
    marks[i] = await markOf(task, limits)
    note(`[alone] ${task.student}, ${task.exercise.id}: ${marks[i]!.grade.verdict}`)
  }
}

/** What a folder has to be graded. An exercise that is asked for and missing has no points. */
function tasksOf(folder: string, { exercises }: Flags): Task[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UsageError(`there is no folder ${folder}`)
  }
  const student = basename(resolve(folder))
  const asked = exercises === undefined ? EXERCISES : exercises.split(',').map(find)
  const tasks = asked.map((exercise) => {
    const places = [join(folder, 'my', exercise.id), join(folder, exercise.id)]
    const found = places.find((place) => existsSync(place)) ?? places[1]!
    return { student, exercise, folder: resolve(found) }
  })
  if (exercises !== undefined) return tasks
  const begun = tasks.filter((task) => existsSync(task.folder))
  if (begun.length === 0) note(`${folder}: there is no exercise in it`)
  return begun
}

function find(id: string): Exercise {
  const found = EXERCISES.find((exercise) => exercise.id === id)
  if (!found)
    throw new UsageError(
      unknown(
        'exercise',
        id,
        EXERCISES.map((one) => one.id),
      ),
    )
  return found
}

async function markOf({ student, exercise, folder }: Task, limits: Limits): Promise<Mark> {
  const command = [...commandOf('docs/build/grade-one.ts'), exercise.id, folder]
  const { stdout, reason } = await runWithin(command, limits)
  const { grading } = exercise
  const names = 'units' in grading ? grading.units : grading.cases
  return { student, grade: gradeOf(exercise, stdout, reason), max: pointsOf(exercise), names }
}

/** A submission that breaks its grader costs only itself. */
function gradeOf({ id }: Exercise, stdout: string, reason: string | undefined): Grade {
  const none = { exercise: id, cases: [], points: 0 }
  if (reason !== undefined) {
    return { ...none, verdict: 'timed out', problem: `it was ended: ${reason}` }
  }
  try {
    return JSON.parse(stdout)
  } catch {
    return { ...none, verdict: 'failed', problem: 'it has broken its grader' }
  }
}

async function writeAll(folder: string, marks: readonly Mark[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'grades.csv'), renderMarksCsv(marks))
    await writeFile(join(folder, 'junit.xml'), renderMarksJunit(marks))
    for (const mark of marks) {
      const place = join(folder, mark.student, mark.grade.exercise)
      await mkdir(place, { recursive: true })
      await writeFile(join(place, 'results.json'), `${JSON.stringify(exercismResult(mark))}\n`)
      await writeFile(join(place, 'result.json'), `${JSON.stringify(classroomResult(mark))}\n`)
    }
  } catch (error) {
    fail(`--out ${folder} can't be written: ${reasonOf(error)}`, EXIT.failed)
  }
}
