/** The command `npm run bench:compare`: what is faster or slower in run B than in run A. */
import { writeFile } from 'node:fs/promises'
import { createCommand, fail, runCommand } from '../servers/command/cli.ts'
import { reasonOf } from '../servers/support/error-code.ts'
import { haveCommonCells } from './compare/comparison.ts'
import {
  addJudgeFlags,
  demandComparable,
  demandRounds,
  type JudgeFlags,
  judge,
} from './compare/judge.ts'
import { readDocument } from './document/saved.ts'

interface Flags extends JudgeFlags {
  readonly json?: string
}

const HELP = `
For each cell that both runs have: CPU per message, messages/s and latencies of B ÷ those of A, each
the median over all pairs of a round of B and one of A, with its exact interval (Hodges and Lehmann).
A cell is slower if one of them has become worse, faster if CPU per message has become less, else ≈:
a change counts if 1 lies outside of its interval and it reaches the noise threshold. In a closed
loop a latency counts when it has doubled. The intervals are so wide that of 100 cells in which
nothing has changed at most 5 are called slower or faster. With fewer than 6 rounds on a side
there are no intervals, and the verdict is ?. Rounds in which the machine was busy don't count.

A regression is a cell that is slower, that is missing in B, has failed or has no figures there, or
that loses more connections.

Both runs must be from the same machine, with the same windows and the same loads, so that nothing
but the program differs. The number of rounds and the seed may differ.

Examples:
  npm run bench -- --json before.json
  npm run bench -- --json after.json
  npm run bench:compare -- before.json after.json
  npm run bench:compare -- before.json after.json --noise-threshold 3 --fail-on-regression

Exit codes: 0 done, 1 --fail-on-regression found one, or there was no cell to compare, 2 wrong use,
or not to be compared.`

const command = createCommand('bench:compare', 'Compare two runs that were saved with --json.')
  .argument('<A.json>', 'the run before')
  .argument('<B.json>', 'the run after')
addJudgeFlags(command)
  .option('--wide', 'show all columns, in lines longer than 80 characters')
  .option('--json <file>', 'write all that was found; - for stdout')
  .addHelpText('after', HELP)
  .action(async (fileA: string, fileB: string, flags: Flags) => {
    process.exitCode = await compare(fileA, fileB, flags)
  })

await runCommand(command)

async function compare(fileA: string, fileB: string, flags: Flags): Promise<number> {
  const a = { name: fileA, run: await readDocument(fileA) }
  const b = { name: fileB, run: await readDocument(fileB) }
  if (haveCommonCells(a.run, b.run)) {
    demandRounds(a, b, flags)
    demandComparable(a, b)
  }
  const { comparison, text, problem, exitCode } = judge(a, b, flags)
  const json = `${JSON.stringify({ a: fileA, b: fileB, ...comparison })}\n`
  process.stdout.write(flags.json === '-' ? json : text)
  if (flags.json !== undefined && flags.json !== '-') await write(flags.json, json)
  if (problem !== undefined) process.stderr.write(`error: ${problem}\n`)
  return exitCode
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    fail(`${file} can't be written: ${reasonOf(error)}`)
  }
}
