/**
 * What proves an exercise: its solution passes, and so do other right ones; the starter and each wrong
 * solution fail at the case that is named for them, and it is said what is named for them.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Exercise, type Failure, folderOf, variantsOf } from './exercise.ts'
import { gradeSubmission } from './grade.ts'
import type { CaseGrade, Grade } from './grades.ts'
import { describeFailure } from './report.ts'

/** A submission whose grade is known before. */
export interface Proof {
  /** `starter`, `solution`, `wrong/sends-once`. */
  readonly variant: string
  /** Undefined: it passes. */
  readonly failure: Failure | undefined
}

export function proofsOf({ id, grading }: Exercise): Proof[] {
  const right = ['solution', ...variantsOf(id, 'other').map((name) => `other/${name}`)]
  const wrong = Object.entries(grading.wrong)
  return [
    ...right.map((variant) => ({ variant, failure: undefined })),
    { variant: 'starter', failure: grading.starter },
    ...wrong.map(([name, failure]) => ({ variant: `wrong/${name}`, failure })),
  ]
}

/** What a proof has shown. */
export interface Proved {
  /** What is not as it should be: a sentence, or undefined. */
  readonly difference: string | undefined
  /** What a student is told, without what differs from run to run. */
  readonly transcript: string
}

export async function prove(exercise: Exercise, proof: Proof): Promise<Proved> {
  const folder = fileURLToPath(folderOf(exercise.id, proof.variant))
  const grade = await gradeSubmission(exercise, folder, { all: false })
  return {
    difference: faultOf(exercise, proof.failure, grade),
    transcript: transcriptOf(grade),
  }
}

function faultOf(
  exercise: Exercise,
  failure: Failure | undefined,
  grade: Grade,
): string | undefined {
  const text = failureText(exercise, grade)
  if (!failure) return grade.verdict === 'passed' ? undefined : `does not pass:\n${text}`
  const failed = failedCase(grade)
  if (failed?.name !== failure.case)
    return `fails at “${failed?.name}”, and not at “${failure.case}”:\n${text}`
  // A message is wrapped to the width of a terminal.
  const isSaid = text.replace(/\s+/g, ' ').includes(failure.says)
  return isSaid ? undefined : `is not told “${failure.says}”:\n${text}`
}

function failedCase({ cases }: Grade): CaseGrade | undefined {
  return cases.find(({ verdict }) => verdict.kind !== 'kept')
}

function failureText(exercise: Exercise, grade: Grade): string {
  const failed = failedCase(grade)
  return grade.problem ?? (failed ? describeFailure(exercise, failed) : 'it passes')
}

/** The verdict, the case, what was expected and what came. Numbers are not the same in each run. */
function transcriptOf(grade: Grade): string {
  const failed = failedCase(grade)
  const said = failed?.verdict.kind === 'broken' ? failed.verdict : undefined
  const texts = [
    grade.verdict,
    ...(failed ? [`at ${failed.name}`] : []),
    ...(grade.problem ? [grade.problem.split('\n')[0]!] : []),
    ...(said ? [`expected ${said.expected}`, `got ${said.got}`] : []),
  ]
  return texts.map(withoutNumbers).join('; ')
}

/** Nor is it the same whether a server's early close comes as a FIN or, over unread bytes, as a reset. */
function withoutNumbers(text: string): string {
  return text
    .replace(
      /the stream ended \d+ bytes too early|(?:read|write) (?:ECONNRESET|EPIPE)/g,
      'AN EARLY END',
    )
    .replace(/(?:\b[0-9a-f]{2} ){3,}[0-9a-f]{2} "[^"]*"/g, 'BYTES')
    .replace(/"(?:[^"\\]|\\.)*"/g, 'TEXT')
    .replace(/\d+(?:[ .]\d+)*/g, 'N')
}

/** Folders of wrong solutions without an expectation, and expectations without a folder. */
export function strayVariants({ id, grading }: Exercise): string[] {
  const folders = variantsOf(id, 'wrong')
  const named = Object.keys(grading.wrong)
  return [
    ...folders
      .filter((name) => !named.includes(name))
      .map((name) => `wrong/${name} is not named in grade.ts`),
    ...named.filter((name) => !folders.includes(name)).map((name) => `there is no wrong/${name}`),
  ]
}

/** The transcripts that are kept of an exercise, by variant. */
export function keptTranscripts({ id }: Exercise): Record<string, string> {
  const file = new URL('transcripts.json', folderOf(id))
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

export function keepTranscripts({ id }: Exercise, transcripts: Record<string, string>): void {
  const text = `${JSON.stringify(transcripts, null, 2)}\n`
  writeFileSync(new URL('transcripts.json', folderOf(id)), text)
}
