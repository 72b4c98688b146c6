/**
 * A part of what `npm run course:check` proves: the solution passes, and the starter and one of the
 * wrong solutions fail as they should.
 */
import { describe, expect, test } from 'vitest'
import { EXERCISES } from '../../docs/build/course/all.ts'
import { refusalOf } from '../../docs/build/course/exercise.ts'
import { keptTranscripts, proofsOf, prove as proved } from '../../docs/build/course/proof.ts'

/** The grading of a wrong solution may wait some seconds for what does not come. */
const LIMIT = 60_000

const refusals = await Promise.all(EXERCISES.map(refusalOf))
/** What this machine can't tell. */
const refused = new Set(EXERCISES.filter((_, i) => refusals[i]).map(({ id }) => id))

/** Three files share the exercises, so that they run side by side. @param part from 0 to 2 */
export function prove(part: number): void {
  const chosen = EXERCISES.filter(({ id }, i) => i % 3 === part && !refused.has(id))
  // On other systems the cases that look at a process can't tell.
  describe.skipIf(process.platform !== 'linux').each(chosen)('$id', (exercise) => {
    const proofs = proofsOf(exercise)
    const wrong = proofs.filter(({ variant }) => variant.startsWith('wrong/'))
    // Another one for each exercise, so that not always the first kind of mistake is tried.
    const sample = wrong[exercise.session % Math.max(1, wrong.length)]
    const own = proofs.filter(({ variant }) => ['solution', 'starter'].includes(variant))
    test.each([...own, ...(sample ? [sample] : [])])(
      '$variant',
      async (proof) => {
        const { difference, transcript } = await proved(exercise, proof)
        expect(difference).toBeUndefined()
        expect(transcript).toBe(keptTranscripts(exercise)[proof.variant])
      },
      LIMIT,
    )
  })
}
