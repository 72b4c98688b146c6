/** A student's own work: a folder for each exercise in my/, which no update of this project touches. */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../../../servers/boot/root.mjs'
import { type Exercise, folderOf } from './exercise.ts'

/** What a student has done so far. */
export interface Progress {
  /** The ids of the exercises that have passed. */
  readonly passed: readonly string[]
  /** By the id of an exercise: how many hints were asked for. */
  readonly hints: Readonly<Record<string, number>>
}

/** The tests have a folder of their own. */
const MY = process.env.ECHO_ARCHITECTURES_MY ?? fileURLToPath(new URL('my', ROOT))
const PROGRESS = join(MY, 'progress.json')

export function workOf({ id }: Exercise): string {
  return join(MY, id)
}

/** The path as a student reads it. */
export function shownPath({ id, grading }: Exercise): string {
  return `my/${id}/${grading.file}`
}

/** Writes the starter, unless the student has begun. Returns whether it is new. */
export function begin(exercise: Exercise): boolean {
  const folder = workOf(exercise)
  if (existsSync(folder)) return false
  mkdirSync(MY, { recursive: true })
  cpSync(fileURLToPath(folderOf(exercise.id, 'starter')), folder, { recursive: true })
  return true
}

/** Begins anew. What was there is kept in a folder beside it, whose name is returned. */
export function reset(exercise: Exercise): string | undefined {
  const folder = workOf(exercise)
  let backup: string | undefined
  if (existsSync(folder)) {
    let number = 1
    while (existsSync(`${folder}.backup-${number}`)) number += 1
    backup = `${folder}.backup-${number}`
    renameSync(folder, backup)
  }
  begin(exercise)
  return backup && `my/${exercise.id}${backup.slice(folder.length)}`
}

/** Throws a SyntaxError if the file is there and is no JSON. */
export function readProgress(): Progress {
  if (!existsSync(PROGRESS)) return { passed: [], hints: {} }
  const { passed = [], hints = {} } = JSON.parse(readFileSync(PROGRESS, 'utf8'))
  return { passed, hints }
}

export function notePassed({ id }: Exercise): void {
  const { passed, hints } = readProgress()
  if (!passed.includes(id)) write({ passed: [...passed, id], hints })
}

/** The next hint counts as seen. Returns how many are. */
export function noteHint(exercise: Exercise): number {
  const { passed, hints } = readProgress()
  const seen = Math.min((hints[exercise.id] ?? 0) + 1, exercise.hints.flat().length)
  write({ passed, hints: { ...hints, [exercise.id]: seen } })
  return seen
}

function write(progress: Progress): void {
  mkdirSync(MY, { recursive: true })
  writeFileSync(PROGRESS, `${JSON.stringify(progress, null, 2)}\n`)
}
