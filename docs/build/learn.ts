/** The command `npm run learn`: the exercises of the course, graded as you save. */
import { existsSync } from 'node:fs'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { EXERCISES } from './course/all.ts'
import type { Exercise } from './course/exercise.ts'
import { gradeSubmission } from './course/grade.ts'
import type { Grade } from './course/grades.ts'
import {
  begin,
  noteHint,
  notePassed,
  readProgress,
  reset,
  shownPath,
  workOf,
} from './course/place.ts'
import { renderGrade } from './course/report.ts'
import { Session } from './course/session.ts'
import { renderHints, renderList, renderSolution, renderTask } from './course/texts.ts'

const HELP = `
Your work is in my/NN-name/, and your progress in my/progress.json. No update of this project
touches them, and reset keeps a copy. An exercise is named by its number or its name.

Examples:
  npm run learn                     grades as you save; keys: h t n l c s q
  npm run learn -- start 07         writes the starter and shows the task
  npm run learn -- check 07
  npm run learn -- hint 07
  npm run learn -- solution 07      after a pass
  npm run learn -- reset 07

Exit codes of check: 0 passed, 1 failed, 2 wrong use, 3 this machine can't tell.`

const command = createCommand('learn', 'Learn how a server waits, exercise by exercise.')
  .addHelpText('after', HELP)
  .argument('[exercise]', 'where to begin; otherwise with the first that has not passed')
  .action(learn)

command
  .command('list')
  .description('all exercises')
  .action(async () => void (await print(renderList(readProgress()))))
command
  .command('start <exercise>')
  .description('write the starter, and show the task')
  .action((name: string) => start(find(name)))
command
  .command('check [exercise]')
  .description('grade your work; without a name, all that you have begun')
  .action(check)
command
  .command('hint <exercise>')
  .description('the next hint')
  .action(async (name: string) => {
    await print(renderHints(find(name), noteHint(find(name))))
  })
command
  .command('solution <exercise>')
  .description('after a pass: a solution, as a difference to your code')
  .action((name: string) => solution(find(name)))
command
  .command('reset <exercise>')
  .description('begin anew; what you have is kept')
  .action((name: string) => startAnew(find(name)))

exitWhenInterrupted()
await runCommand(command)

async function learn(name: string | undefined): Promise<void> {
  const { passed } = readProgress()
  const open = EXERCISES.find(({ id }) => !passed.includes(id)) ?? EXERCISES[0]!
  const exercise = name === undefined ? open : find(name)
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    await print(renderList({ passed, hints: {} }))
    await print(`next: npm run learn -- start ${exercise.id}\n`)
    return
  }
  await new Session(exercise).run()
}

async function start(exercise: Exercise): Promise<void> {
  const isNew = begin(exercise)
  await print(renderTask(exercise))
  const what = isNew ? 'written' : 'there already: reset begins anew'
  await print(`${shownPath(exercise)}: ${what}\n`)
}

async function startAnew(exercise: Exercise): Promise<void> {
  const backup = reset(exercise)
  if (backup) await print(`your work is kept in ${backup}\n`)
  await print(`${shownPath(exercise)}: written\n`)
}

async function check(name?: string): Promise<void> {
  const chosen = name === undefined ? EXERCISES.filter(isBegun) : [find(name)]
  if (chosen.length === 0) fail('you have begun no exercise: npm run learn -- start 01')
  const grades: Grade[] = []
  for (const exercise of chosen) {
    if (!isBegun(exercise)) fail(`${exercise.id}: not begun: npm run learn -- start ${exercise.id}`)
    const grade = await gradeSubmission(exercise, workOf(exercise), { all: false })
    if (grade.verdict === 'passed') notePassed(exercise)
    grades.push(grade)
    await print(`${renderGrade(exercise, grade)}\n`)
  }
  process.exitCode = exitCodeOf(grades)
}

function exitCodeOf(grades: readonly Grade[]): number {
  const verdicts = grades.map(({ verdict }) => verdict)
  if (verdicts.includes('failed') || verdicts.includes('timed out')) return EXIT.failed
  return verdicts.includes("can't tell") ? EXIT.unsupported : EXIT.done
}

async function solution(exercise: Exercise): Promise<void> {
  if (!readProgress().passed.includes(exercise.id)) fail(`${exercise.id} has not passed yet`)
  await print(renderSolution(exercise))
}

function isBegun(exercise: Exercise): boolean {
  return existsSync(workOf(exercise))
}

/** By its number, or by its name: `7`, `07`, `07-partial-send`, `partial-send`. */
function find(name: string): Exercise {
  const found = EXERCISES.find(({ id }) => {
    const [number = ''] = id.split('-')
    return id === name || id.slice(number.length + 1) === name || Number(number) === Number(name)
  })
  const ids = EXERCISES.map(({ id }) => id)
  if (!found) throw new UsageError(unknown('exercise', name, ids))
  return found
}
