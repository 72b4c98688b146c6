/** The parts that bench:compare (two files) and --baseline (a run and a saved one) share. */
import { type Command, InvalidArgumentError } from 'commander'
import { UsageError } from '../../servers/command/cli.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import type { BenchDocument } from '../document/document.ts'
import { FEWEST_ROUNDS } from '../figures/statistics.ts'
import { renderComparison } from './changes.ts'
import { type Conditions, obstacles } from './comparability.ts'
import { type Comparison, compareRuns, countRegressions, isCompared } from './comparison.ts'

export interface JudgeFlags {
  /** In per cent. */
  readonly noiseThreshold: number
  readonly failOnRegression?: boolean
  readonly wide?: boolean
}

/** A run, or what is known before it, with the name that messages call it by. */
export interface Named<Run extends Conditions> {
  readonly name: string
  readonly run: Run
}

export function addJudgeFlags(command: Command): Command {
  return command
    .option('--noise-threshold <percent>', 'a change below it is taken for noise', percent, 5)
    .option('--fail-on-regression', 'exit with 1 if a cell has become worse (6 rounds or more)')
}

/** Throws a UsageError if the two can't be compared; it names every reason, a line each. */
export function demandComparable(a: Named<Conditions>, b: Named<Conditions>): void {
  const found = obstacles(a.run, b.run)
  if (found.length === 0) return
  const head = `A, ${a.name}, and B, ${b.name}, can't be compared:`
  throw new UsageError([head, ...found.map((line) => `  ${line}`)].join('\n'))
}

/**
 * Throws a UsageError if a regression must not go unnoticed, and a run has fewer rounds than an
 * interval needs: it would let nearly everything pass, or call noise a regression.
 */
export function demandRounds(a: Named<Conditions>, b: Named<Conditions>, flags: JudgeFlags): void {
  if (!flags.failOnRegression) return
  for (const [side, { name, run }] of Object.entries({ A: a, B: b })) {
    const { rounds } = run.parameters
    if (rounds >= FEWEST_ROUNDS) continue
    const demand = `--fail-on-regression is for ${FEWEST_ROUNDS} rounds or more`
    throw new UsageError(`${demand}: ${side}, ${name}, has ${rounds}`)
  }
}

export interface Judgement {
  readonly comparison: Comparison
  /** Tables and a summary for a terminal; empty if the runs have no cell in common. */
  readonly text: string
  /** Why the comparison says nothing, in one line. */
  readonly problem?: string
  readonly exitCode: number
}

/** Compares two runs: see demandComparable, unless they have no cell in common. */
export function judge(
  a: Named<BenchDocument>,
  b: Named<BenchDocument>,
  flags: JudgeFlags,
): Judgement {
  const comparison = compareRuns(a.run, b.run, flags.noiseThreshold)
  const body = renderComparison(comparison, flags.wide)
  const text =
    comparison.cells.length > 0 ? `${headLine('A', a)}${headLine('B', b)}\n${body}\n` : ''
  const problem = problemOf(comparison, a, b, flags)
  if (problem !== undefined) return { comparison, text, problem, exitCode: EXIT.failed }
  const isWorse = countRegressions(comparison) > 0
  return { comparison, text, exitCode: flags.failOnRegression && isWorse ? EXIT.failed : EXIT.done }
}

function problemOf(
  { cells }: Comparison,
  a: Named<BenchDocument>,
  b: Named<BenchDocument>,
  { failOnRegression }: JudgeFlags,
): string | undefined {
  if (!cells.some(isCompared)) {
    const [difference] = obstacles(a.run, b.run)
    const why = difference === undefined ? '' : ` (${difference})`
    return `0 cells compared: none has figures in both A, ${a.name}, and B, ${b.name}${why}`
  }
  if (!failOnRegression || cells.some(({ verdict }) => verdict !== '?')) return undefined
  return `0 cells judged: each has fewer than ${FEWEST_ROUNDS} calm rounds, in A or in B`
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
