/**
 * An exercise of the course. Its folder, docs/course/exercises/NN-name/, has
 *
 *     exercise.md          what it is about, its tasks, and hints for each
 *     grade.ts             the cases that a submission must keep, and what is caught in wrong ones
 *     starter/ solution/   what a student begins with, and what he may see after a pass
 *     wrong/NAME/          solutions that look right and are not
 *     other/NAME/          other ones that are right
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Case } from '../../../clients/check/case.ts'
import { PROMISE_NUMBERS, type PromiseNumber } from '../../../clients/check/promises.ts'
import type { FlagName } from '../../../clients/check/subjects.ts'
import type { Protocol } from '../../../clients/due-reply.ts'
import { ROOT } from '../../../servers/boot/root.mjs'
import { findModel } from '../../../servers/models.ts'

/** What is asked of a submission, in the order in which it is tried. */
export type Grading = ServerGrading | UnitGrading

interface CommonGrading {
  /** The file that the student writes, in his folder. */
  readonly file: string
  /** What the starter fails with. */
  readonly starter: Failure
  /** What each of the wrong solutions fails with, by the name of its folder. */
  readonly wrong: Readonly<Record<string, Failure>>
}

/** The file is a server: a program that takes a port. */
export interface ServerGrading extends CommonGrading {
  readonly protocol: Protocol
  /** How the program is told a setting. */
  readonly flags?: Readonly<Partial<Record<FlagName, string>>>
  readonly cases: readonly GradedCase[]
}

/** The file is a module, whose parts are tried one by one in a process of their own. */
export interface UnitGrading extends CommonGrading {
  readonly units: readonly UnitCase[]
}

export interface GradedCase extends Case {
  readonly points: number
  /** Made on order in the student's program: see `serve --faults`. */
  readonly faults?: string
}

export interface UnitCase {
  readonly name: string
  readonly points: number
  /** Resolves if all is right. Throws Broken. `module` is what the student's file exports. */
  readonly run: (module: never, note: (step: string) => void) => Promise<void> | void
}

/** The first case that fails, and a part of what is said then. */
export interface Failure {
  /** The name of the case; undefined if the program can't even be started. */
  readonly case?: string
  readonly says: string
}

export interface Exercise {
  /** `07-partial-send` */
  readonly id: string
  readonly title: string
  /** The session of the course, from 1 to 10. */
  readonly session: number
  readonly model: string
  readonly promise: PromiseNumber | undefined
  readonly kind: 'complete' | 'repair' | 'port' | 'predict' | 'build'
  readonly minutes: number
  /** Where the mistake was made in public, such as `objeck-lang#670`; undefined for none. */
  readonly seen: string | undefined
  /** It needs system calls of Linux. */
  readonly needsLinux: boolean
  /** It needs io_uring, which many containers forbid. */
  readonly needsIoUring: boolean
  /** Markdown, from the first heading to the hints. */
  readonly text: string
  /** For each task, from a nudge to nearly the answer. */
  readonly hints: readonly (readonly string[])[]
  readonly grading: Grading
}

const KINDS = ['complete', 'repair', 'port', 'predict', 'build'] as const

/** The folder of an exercise, or of one of its parts. */
export function folderOf(id: string, part = ''): URL {
  return new URL(`docs/course/exercises/${id}/${part ? `${part}/` : ''}`, ROOT)
}

/** The names of the folders of a kind, such as those of the wrong solutions. */
export function variantsOf(id: string, kind: 'wrong' | 'other'): string[] {
  const folder = folderOf(id, kind)
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** Reads the page of an exercise. Throws an Error that says what is missing in it. */
export function readExercise(id: string, grading: Grading): Exercise {
  const page = readFileSync(new URL('exercise.md', folderOf(id)), 'utf8')
  const [, head = '', body = ''] = /^---\n([\s\S]*?)\n---\n([\s\S]*)$/.exec(page) ?? []
  const fields = new Map(head.split('\n').map((line) => fieldOf(line, id)))
  const need = (name: string) => fields.get(name) ?? fail(id, `has no ${name}`)
  const [text = '', hints = ''] = body.split(/^## Hints$/m)
  const promise = PROMISE_NUMBERS.find((number) => String(number) === fields.get('promise'))
  const kind = KINDS.find((known) => known === need('kind')) ?? fail(id, 'is of no known kind')
  if (!findModel(need('model'))) fail(id, `names no model: ${need('model')}`)
  return {
    id,
    title: /^# (.+)$/m.exec(text)?.[1] ?? fail(id, 'has no title'),
    session: Number(need('session')),
    model: need('model'),
    promise,
    kind,
    minutes: Number(need('minutes')),
    seen: fields.get('seen'),
    needsLinux: ['linux', 'io_uring'].includes(fields.get('needs') ?? ''),
    needsIoUring: fields.get('needs') === 'io_uring',
    text: text.trim(),
    hints: hintsOf(hints),
    grading,
  }
}

function fieldOf(line: string, id: string): [string, string] {
  const [, name = '', value = ''] = /^(\w+): (.+)$/.exec(line) ?? []
  return name === '' ? fail(id, `has a line that is no field: ${line}`) : [name, value.trim()]
}

/** Under a heading for each task, a list of hints. */
function hintsOf(text: string): string[][] {
  return text
    .split(/^### .+$/m)
    .slice(1)
    .map((part) =>
      part
        .split(/^- /m)
        .slice(1)
        .map((hint) => hint.replace(/\n\s+/g, ' ').trim()),
    )
}

function fail(id: string, what: string): never {
  throw new Error(`docs/course/exercises/${id}/exercise.md ${what}`)
}

/** Why this machine can't tell whether a submission is right; undefined if it can. */
export async function refusalOf(exercise: Exercise): Promise<string | undefined> {
  const { needsLinux, needsIoUring } = exercise
  if (needsLinux && process.platform !== 'linux') return 'this exercise makes system calls of Linux'
  if (!needsIoUring) return undefined
  const { ioUringRefusal } = await import('../../../servers/11-completion/io-uring.ts')
  return ioUringRefusal()
}

/** The points of all cases. */
export function pointsOf({ grading }: Pick<Exercise, 'grading'>): number {
  const cases = 'units' in grading ? grading.units : grading.cases
  return cases.reduce((sum, { points }) => sum + points, 0)
}
