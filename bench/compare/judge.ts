/** The parts that bench:compare (two files) and --baseline (a run and a saved one) share. */
import { type Command, InvalidArgumentError } from 'commander'
import { UsageError } from '../../servers/command/cli.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import type { BenchDocument } from '../document/document.ts'
import { renderComparison } from './changes.ts'
import { type Conditions, obstacles } from './comparability.ts'
import { compareRuns, regressionsOf } from './comparison.ts'

export interface JudgeFlags {
  /** In per cent. */
  readonly noiseThreshold: number
  readonly failOnRegression?: boolean
}

/** A run, or what is known before it, with the name that messages call it by. */
export interface Named<Run extends Conditions> {
  readonly name: string
  readonly run: Run
}

export function addJudgeFlags(command: Command): Command {
  return command
    .option('--noise-threshold <percent>', 'a change below it is taken for noise', percent, 5)
    .option('--fail-on-regression', 'exit with 1 if a cell has become worse')
}

/** Throws a UsageError if the two can't be compared; it names every reason, a line each. */
export function demandComparable(a: Named<Conditions>, b: Named<Conditions>): void {
  const found = obstacles(a.run, b.run)
  if (found.length === 0) return
  const head = `A, ${a.name}, and B, ${b.name}, can't be compared:`
  throw new UsageError([head, ...found.map((line) => `  ${line}`)].join('\n'))
}

/** Compares two comparable runs: returns the comparison, its text, and the exit code. */
export function judge(a: Named<BenchDocument>, b: Named<BenchDocument>, flags: JudgeFlags) {
  const comparison = compareRuns(a.run, b.run, flags.noiseThreshold)
  const text = `${headLine('A', a)}${headLine('B', b)}\n${renderComparison(comparison)}\n`
  const isWorse = regressionsOf(comparison).length > 0
  return { comparison, text, exitCode: flags.failOnRegression && isWorse ? EXIT.failed : EXIT.done }
}

/** `A: before.json, 2026-01-02 03:04 UTC, rounds: 5`. */
function headLine(side: string, { name, run }: Named<BenchDocument>): string {
  const when = run.date.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')
  return `${side}: ${name}, ${when}, rounds: ${run.parameters.rounds}\n`
}

function percent(text: string): number {
  const value = Number(text)
  const valid = /^\d*\.?\d+$/.test(text) && value <= 1000
  if (!valid) throw new InvalidArgumentError('It must be a number of per cent, such as 5 or 2.5.')
  return value
}
