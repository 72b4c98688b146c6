/** Grades a submission: tries the cases of its exercise in order. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { NeverListens, startProgram } from '../../../clients/check/program.ts'
import { type Opened, opened, tryCase } from '../../../clients/check/run.ts'
import type { Subject } from '../../../clients/check/subject.ts'
import { type FlagName, programSubject } from '../../../clients/check/subjects.ts'
import { LaunchError } from '../../../clients/launcher.ts'
import { buildProgram, SourceError } from './build.ts'
import { type Exercise, type GradedCase, refusalOf, type ServerGrading } from './exercise.ts'
import type { CaseGrade, Grade, GradeOptions } from './grades.ts'
import { gradeUnits } from './units.ts'

/** A right server answers within a millisecond: so a student waits no longer than this, in ms. */
const PATIENCE = 3000
/** A whole case: no right server comes near it, in ms. */
const LIMIT = 60_000

/** @param folder of the submission, an absolute path */
export async function gradeSubmission(
  exercise: Exercise,
  folder: string,
  options: GradeOptions,
): Promise<Grade> {
  const { grading } = exercise
  const file = join(folder, grading.file)
  const refusal = await refusalOf(exercise)
  if (refusal) return problem(exercise, "can't tell", refusal)
  if (!existsSync(file)) return problem(exercise, 'failed', `there is no ${grading.file}`)
  try {
    const cases =
      'units' in grading
        ? await gradeUnits(exercise.id, file, grading.units, options)
        : await gradeServer(grading, file, options)
    return gradeOf(exercise, cases)
  } catch (error) {
    if (error instanceof SourceError) return problem(exercise, 'failed', error.message)
    if (error instanceof NeverListens) {
      const text = `your server has accepted no connection for ${PATIENCE / 1000} s`
      return problem(exercise, 'timed out', text)
    }
    if (error instanceof LaunchError) return problem(exercise, 'failed', ended(error))
    throw error
  }
}

function ended({ exit }: LaunchError): string {
  const last = exit.stderr.trim().split('\n').slice(0, 6).join('\n')
  const how = exit.signal ?? `exit code ${exit.code}`
  return `your server ended before it was ready: ${how}${last && `\n${last}`}`
}

function problem(exercise: Exercise, verdict: Grade['verdict'], text: string): Grade {
  return { exercise: exercise.id, verdict, cases: [], problem: text, points: 0 }
}

function gradeOf({ id }: Exercise, cases: readonly CaseGrade[]): Grade {
  const kinds = cases.map(({ verdict }) => verdict.kind)
  const kept = cases.filter(({ verdict }) => verdict.kind === 'kept')
  const points = kept.reduce((sum, one) => sum + one.points, 0)
  return { exercise: id, verdict: overall(kinds), cases, points }
}

function overall(kinds: readonly CaseGrade['verdict']['kind'][]): Grade['verdict'] {
  if (kinds.includes('broken')) return 'failed'
  if (kinds.includes('timed out')) return 'timed out'
  return kinds.includes("can't tell") ? "can't tell" : 'passed'
}

async function gradeServer(
  grading: ServerGrading,
  file: string,
  { all, trace }: GradeOptions,
): Promise<CaseGrade[]> {
  const source = `import './preamble.ts'\nimport ${JSON.stringify(file)}`
  await using program = await buildProgram(source)
  await using servers = new Servers(grading, program.file, trace)
  const grades: CaseGrade[] = []
  for (const one of grading.cases) {
    const verdict = await verdictOf(one, (await servers.with(one)).subject)
    grades.push({ name: one.name, points: one.points, verdict })
    if (verdict.kind === 'kept') continue
    if (!all) break
    await servers.end(one)
  }
  return grades
}

/** A server that sends one byte a second would keep its client busy without end. */
async function verdictOf(one: GradedCase, subject: Subject): Promise<CaseGrade['verdict']> {
  const late = new AbortController()
  const found = tryCase(one, subject).then(({ verdict }) => verdict)
  // What it finds when its server has been ended is of no interest.
  found.catch(() => {})
  const limit = sleep(LIMIT, { kind: 'timed out', after: LIMIT / 1000 } as const, {
    signal: late.signal,
  })
  limit.catch(() => {})
  return Promise.race([found, limit]).finally(() => late.abort())
}

/** The student's server, started once for each kind of faults. */
class Servers implements AsyncDisposable {
  readonly #grading: ServerGrading
  readonly #file: string
  readonly #trace: string | undefined
  readonly #running = new Map<string, Opened>()

  constructor(grading: ServerGrading, file: string, trace: string | undefined) {
    this.#grading = grading
    this.#file = file
    this.#trace = trace
  }

  async with({ faults = '' }: GradedCase): Promise<Opened> {
    const known = this.#running.get(faults)
    if (known) return known
    const command = this.#command(faults)
    const server = await startProgram(command, { patience: PATIENCE })
    const { protocol, flags = {} } = this.#grading
    const words = new Map(Object.entries(flags) as [FlagName, string][])
    const started = opened(programSubject(command, server, protocol, words, PATIENCE), server)
    this.#running.set(faults, started)
    return started
  }

  async end({ faults = '' }: GradedCase): Promise<void> {
    await this.#running.get(faults)?.[Symbol.asyncDispose]()
    this.#running.delete(faults)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#running.values()) await server[Symbol.asyncDispose]()
  }

  #command(faults: string): string {
    const settings = [
      ...(faults ? [`COURSE_FAULTS=${faults}`] : []),
      ...(this.#trace ? [`COURSE_TRACE=${this.#trace}`] : []),
    ]
    const env = settings.length > 0 ? `env ${settings.map(quoted).join(' ')} ` : ''
    return `${env}${quoted(process.execPath)} --enable-source-maps ${quoted(this.#file)} {port}`
  }
}

/** A word for the shell. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
