/** The command `npm run bench:compare`: what is faster or slower in run B than in run A. */
import { writeFile } from 'node:fs/promises'
import { createCommand, fail, runCommand } from '../servers/command/cli.ts'
import { addJudgeFlags, demandComparable, type JudgeFlags, judge } from './compare/judge.ts'
import { readDocument, reasonOf } from './document/saved.ts'

interface Flags extends JudgeFlags {
  readonly json?: string
}

const HELP = `
For each cell that both runs have: the medians of B ÷ those of A, with a 95 % interval (an unpaired
bootstrap). CPU per message decides: a cell is slower or faster if 1 lies outside of the interval
and the change reaches the noise threshold; any other cell is ≈. With fewer than three rounds on a
side only the threshold decides. A regression is a cell that is slower, that fails and did not fail
in A, or that loses connections in a way that it did not in A.

Both runs must be from the same machine, with the same windows and the same loads, so that nothing
but the program differs. The number of rounds and the seed may differ.

Examples:
  npm run bench -- --rounds 5 --json before.json
  npm run bench -- --rounds 5 --json after.json
  npm run bench:compare -- before.json after.json
  npm run bench:compare -- before.json after.json --noise-threshold 3 --fail-on-regression

Exit codes: 0 done, 1 --fail-on-regression found one, 2 wrong use, or not to be compared.`

const command = createCommand('bench:compare', 'Compare two runs that were saved with --json.')
  .argument('<A.json>', 'the run before')
  .argument('<B.json>', 'the run after')
addJudgeFlags(command)
  .option('--json <file>', 'write all that was found; - for stdout')
  .addHelpText('after', HELP)
  .action(async (fileA: string, fileB: string, flags: Flags) => {
    process.exitCode = await compare(fileA, fileB, flags)
  })

await runCommand(command)

async function compare(fileA: string, fileB: string, flags: Flags): Promise<number> {
  const a = { name: fileA, run: await readDocument(fileA) }
  const b = { name: fileB, run: await readDocument(fileB) }
  demandComparable(a, b)
  const { comparison, text, exitCode } = judge(a, b, flags)
  const json = `${JSON.stringify({ a: fileA, b: fileB, ...comparison })}\n`
  process.stdout.write(flags.json === '-' ? json : text)
  if (flags.json !== undefined && flags.json !== '-') await write(flags.json, json)
  return exitCode
}

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text)
  } catch (error) {
    fail(`${file} can't be written: ${reasonOf(error)}`)
  }
}
