/** Tries the parts of a student's module, in a process of their own that may hang, spin or exit. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Step, Verdict } from '../../../clients/check/verdict.ts'
import { watchExit } from '../../../clients/launcher.ts'
import { buildProgram } from './build.ts'
import { folderOf, type UnitCase } from './exercise.ts'
import type { CaseGrade, GradeOptions } from './grades.ts'

/** How long a case may take, in milliseconds. */
const PATIENCE = 3000

/** What the process says of a case: a line of JSON on its descriptor 3, which no submission prints to. */
export interface Outcome {
  readonly index: number
  readonly expected?: string
  readonly got?: string
  readonly steps: readonly Step[]
}

/** @param file the student's module */
export async function gradeUnits(
  exercise: string,
  file: string,
  units: readonly UnitCase[],
  { all }: GradeOptions,
): Promise<CaseGrade[]> {
  const cases = new URL('units.ts', folderOf(exercise)).pathname
  await using program = await buildProgram(
    `import { units } from ${JSON.stringify(cases)}
import { tryUnits } from './unit-runner.ts'
await tryUnits(units, () => import(${JSON.stringify(file)}))`,
  )
  const grades: CaseGrade[] = []
  for (let from = 0; from < units.length; ) {
    const verdicts = await runFrom(program.file, from, units.length)
    for (const verdict of verdicts) {
      const { name, points } = units[from]!
      grades.push({ name, points, verdict })
      from += 1
      if (verdict.kind !== 'kept' && !all) return grades
    }
  }
  return grades
}

type Found = CaseGrade['verdict']

/** The verdicts of the cases from one on; the last of them may be that the process hung or ended. */
async function runFrom(file: string, from: number, count: number): Promise<Found[]> {
  const child = spawn(process.execPath, ['--enable-source-maps', file, String(from)], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const exited = watchExit(child)
  const found: Found[] = []
  let isLate = false
  const kill = () => {
    isLate = true
    process.kill(-child.pid!, 'SIGKILL')
  }
  let timer = setTimeout(kill, PATIENCE)
  for await (const line of createInterface({ input: child.stdio[3] as NodeJS.ReadableStream })) {
    clearTimeout(timer)
    found.push(verdictOf(JSON.parse(line)))
    timer = setTimeout(kill, PATIENCE)
  }
  clearTimeout(timer)
  const { code, signal, stderr } = await exited
  if (from + found.length === count) return found
  if (isLate) return [...found, { kind: 'timed out', after: PATIENCE / 1000 }]
  const how = signal ?? `exit code ${code}`
  const got = `its process has ended: ${how}${stderr && `, ${stderr.trim().split('\n').at(0)}`}`
  return [...found, { kind: 'broken', steps: [], expected: 'an answer', got, at: 0 }]
}

function verdictOf({ expected, got = '', steps }: Outcome): Verdict {
  if (expected === undefined) return { kind: 'kept' }
  return { kind: 'broken', steps, expected, got, at: steps.at(-1)?.at ?? 0 }
}
