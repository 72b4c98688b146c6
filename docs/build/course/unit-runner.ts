/** The process that tries the parts of a student's module: see units.ts. */
import { writeSync } from 'node:fs'
import { Broken, type Step } from '../../../clients/check/verdict.ts'
import type { UnitCase } from './exercise.ts'
import type { Outcome } from './units.ts'

/** @param load the student's module: a mistake in it is the failure of the first case */
export async function tryUnits(
  units: readonly UnitCase[],
  load: () => Promise<unknown>,
): Promise<void> {
  const from = Number(process.argv[2])
  for (const [i, unit] of units.entries()) {
    if (i >= from) say(await outcomeOf(i, unit, load))
  }
  process.exit(0)
}

async function outcomeOf(
  index: number,
  { run }: UnitCase,
  load: () => Promise<unknown>,
): Promise<Outcome> {
  const steps: Step[] = []
  const began = performance.now()
  const note = (what: string) => steps.push({ at: (performance.now() - began) / 1000, what })
  try {
    await run((await load()) as never, note)
    return { index, steps }
  } catch (error) {
    if (error instanceof Broken) return { index, steps, expected: error.expected, got: error.got }
    return { index, steps, expected: 'no error', got: `${error}` }
  }
}

function say(outcome: Outcome): void {
  writeSync(3, `${JSON.stringify(outcome)}\n`)
}
