/** The command `npm run course:check`: proves the course. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import {
  createCommand,
  exitWhenInterrupted,
  fail,
  integer,
  print,
  runCommand,
  UsageError,
  unknown,
} from '../../servers/command/cli.ts'
import { EXIT } from '../../servers/support/exit-codes.ts'
import { EXERCISES } from './course/all.ts'
import { type Exercise, refusalOf } from './course/exercise.ts'
import { keepTranscripts, keptTranscripts, proofsOf, prove, strayVariants } from './course/proof.ts'

interface Flags {
  readonly times: number
  readonly stress: boolean
  readonly keep: boolean
}

const HELP = `
For each exercise: the solution passes, and so does each other right one; the starter and each wrong
solution fail at the case that is named for it, with the message that is named for it. What is said
is what transcripts.json of the exercise has kept, but for numbers.

Examples:
  npm run course:check
  npm run course:check -- 07-partial-send --times 3
  npm run course:check -- --stress          with stress-ng beside it
  npm run course:check -- --keep            after a change of what graders say

Exit codes: 0 all is proved, 1 something is not, 2 wrong use, 3 stress-ng is missing.`

exitWhenInterrupted()
await runCommand(
  createCommand('course:check', 'Prove the exercises of the course.')
    .argument('[exercises...]', 'only these')
    .option('--times <n>', 'prove everything n times', integer(1, 100), 1)
    .option('--stress', 'on a machine that is kept busy by stress-ng', false)
    .option('--keep', 'keep what is said as the transcripts', false)
    .addHelpText('after', HELP)
    .action(check),
)

async function check(ids: string[], { times, stress, keep }: Flags): Promise<void> {
  const chosen = ids.length === 0 ? EXERCISES : ids.map(find)
  if (stress) keepBusy()
  let wrong = 0
  let count = 0
  for (let time = 0; time < times; time++) {
    for (const exercise of chosen) {
      wrong += await proveAll(exercise, keep)
      count += proofsOf(exercise).filter(({ failure }) => failure).length
    }
  }
  await print(`${chosen.length} exercises, ${count} wrong submissions caught, ${wrong} faults\n`)
  process.exit(wrong > 0 ? EXIT.failed : EXIT.done)
}

/** Returns how much is not proved. */
async function proveAll(exercise: Exercise, keep: boolean): Promise<number> {
  const refusal = await refusalOf(exercise)
  if (refusal) await print(`${exercise.id}: not proved here: ${refusal}\n`)
  if (refusal) return 0
  const faults = strayVariants(exercise)
  const proofs = proofsOf(exercise)
  const kept = keptTranscripts(exercise)
  const transcripts: Record<string, string> = {}
  for (const proof of proofs) {
    const { variant } = proof
    const { difference, transcript } = await prove(exercise, proof)
    transcripts[variant] = transcript
    if (difference !== undefined) faults.push(`${variant} ${difference}`)
    else if (!keep && kept[variant] !== transcript) {
      faults.push(`${variant} is told “${transcript}”, and not “${kept[variant]}”: see --keep`)
    }
  }
  if (keep && faults.length === 0) keepTranscripts(exercise, transcripts)
  for (const fault of faults) await print(`${exercise.id}: ${fault}\n`)
  if (faults.length === 0) await print(`${exercise.id}: proved by ${proofs.length} submissions\n`)
  return faults.length
}

function find(id: string): Exercise {
  const ids = EXERCISES.map((exercise) => exercise.id)
  const found = EXERCISES.find((exercise) => exercise.id === id)
  if (!found) throw new UsageError(unknown('exercise', id, ids))
  return found
}

/** Until this process ends. */
function keepBusy(): void {
  const cpus = String(availableParallelism())
  const child = spawn('stress-ng', ['--cpu', cpus, '--quiet'], { stdio: 'ignore' })
  child.on('error', () => {
    fail('stress-ng is missing: apt-get install stress-ng', EXIT.unsupported)
  })
  process.once('exit', () => child.kill('SIGKILL'))
}
