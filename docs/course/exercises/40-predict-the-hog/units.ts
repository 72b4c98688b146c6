import { estimate } from '../../../../bench/figures/statistics.ts'
import type { Digest, DigestRow } from '../../../../bench/report/digest.ts'
import { Broken } from '../../../../clients/check/verdict.ts'
import type { UnitCase } from '../../../build/course/exercise.ts'

/** What answers.ts exports. */
interface Answers {
  readonly run: Digest
  readonly predicted: {
    readonly threads: number
    readonly pollLoop: number
    readonly lower: string
  }
  readonly measured: { readonly threads: number; readonly pollLoop: number }
  readonly explained: readonly string[]
  readonly factor: number
}

/** How far a figure may be from that of the run: it was rounded for the table. */
const ROUNDING = 0.06

export const units: readonly UnitCase[] = [
  {
    name: 'there is a prediction of both figures, and of their order',
    points: 2,
    run: ({ predicted }: Answers, note) => {
      const { threads, pollLoop, lower } = predicted
      note(`predicted: threads ${threads} ms, poll-loop ${pollLoop} ms, lower: ${lower || 'none'}`)
      check(
        threads > 0 && pollLoop > 0,
        'two times above 0 in predicted',
        `${threads}, ${pollLoop}`,
      )
      const isModel = lower === 'threads' || lower === 'poll-loop'
      check(isModel, 'threads or poll-loop in predicted.lower', `“${lower}”`)
    },
  },
  {
    name: 'run.json is your run of the workload hog',
    points: 2,
    run: ({ run }: Answers, note) => {
      const ids = (run.loads ?? []).map(({ id }) => id)
      note(`run.json has the workloads: ${ids.join(', ') || 'none'}`)
      check(
        ids.some((id) => id.startsWith('hog/')),
        'the workload hog',
        ids.join(', ') || 'none',
      )
      for (const model of ['threads', 'poll-loop']) rowOf(run, model)
    },
  },
  {
    name: 'what you have measured is what the run shows, from when a message was due',
    points: 2,
    run: ({ run, measured }: Answers, note) => {
      for (const [name, model] of [
        ['threads', 'threads'],
        ['pollLoop', 'poll-loop'],
      ] as const) {
        const shown = p99(rowOf(run, model))
        note(`the run shows a p99 of ${shown.toFixed(1)} ms for ${model}`)
        const isSame = Math.abs(measured[name] - shown) <= Math.max(0.06, ROUNDING * shown)
        check(isSame, `${shown.toFixed(1)} ms in measured.${name}`, `${measured[name]}`)
      }
    },
  },
  {
    name: 'you have compared the prediction with the run',
    points: 2,
    run: ({ run, predicted, factor }: Answers, note) => {
      const shown = p99(rowOf(run, 'poll-loop'))
      const off = Math.max(shown / predicted.pollLoop, predicted.pollLoop / shown)
      note(`predicted ${predicted.pollLoop} ms, measured ${shown.toFixed(1)} ms`)
      check(Math.abs(factor - off) <= 0.1 * off, `a factor of ${off.toFixed(1)}`, `${factor}`)
    },
  },
  {
    name: 'the explanation is that of the run',
    points: 4,
    run: ({ explained }: Answers, note) => {
      note(`explained: ${[...explained].sort().join(', ') || 'nothing'}`)
      const isTrue = [...explained].sort().join() === 'a,c'
      check(isTrue, 'the two sentences that are true', explained.join(', ') || 'none')
    },
  },
]

function rowOf(run: Digest, model: string): DigestRow {
  const hog = run.loads.find(({ id }) => id.startsWith('hog/'))
  // poll-loop may stand there twice: its default way to wait comes first.
  const row = hog?.rows.find((one) => one.model === model)
  if (!row) throw new Broken(`a row of ${model} in run.json`, 'none')
  return row
}

/** The median of the calm rounds, in milliseconds. */
function p99({ rounds }: DigestRow): number {
  const value = estimate(rounds.p99 ?? [])
  if (!value) throw new Broken('a p99 in run.json', 'no calm round: measure again')
  return value.median / 1000
}

function check(isSo: boolean, expected: string, got: string): void {
  if (!isSo) throw new Broken(expected, got)
}
