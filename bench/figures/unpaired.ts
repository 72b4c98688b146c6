/**
 * The ratio of a figure in two runs. They were made at different times, so no round of the one
 * belongs to a round of the other: each round of B is compared with each round of A.
 *
 * If nothing has changed, any order of all these rounds is as likely as any other. So the number of
 * pairs in which B is lower has a known distribution (Mann and Whitney, 1947), and the interval
 * that follows from it is exact, whatever the noise is like (Hodges and Lehmann, 1963).
 */
import { type Estimate, FEWEST_ROUNDS, intervalOf, median, withoutInterval } from './statistics.ts'

/**
 * B ÷ A, null if a side is empty. It is the median of the ratios of all pairs (the estimate of
 * Hodges and Lehmann), and not the ratio of the two medians: all rounds have a part in it, and it
 * always lies in its interval. There is none with fewer than FEWEST_ROUNDS on a side.
 *
 * @param sure the coverage that the interval has at least
 */
export function unpairedRatio(
  a: readonly number[],
  b: readonly number[],
  sure: number,
): Estimate | null {
  const ratios = b.flatMap((after) => a.map((before) => after / before)).toSorted((x, y) => x - y)
  const middle = median(ratios)
  if (middle === null) return null
  if (Math.min(a.length, b.length) < FEWEST_ROUNDS) return withoutInterval(middle)
  return { median: middle, ...intervalOf(ratios, chancesOfPairs(a.length, b.length), sure) }
}

/** Chances that were computed, by the sizes of the two samples. */
const known = new Map<string, Float64Array>()

function chancesOfPairs(a: number, b: number): Float64Array {
  const key = `${a} ${b}`
  const chances = known.get(key) ?? computeChances(a, b)
  known.set(key, chances)
  return chances
}

/**
 * The chances that in 0, 1, 2, … pairs the value of B is lower, for `a` and `b` values of the same
 * kind. The highest of all comes from A with chance a ÷ (a + b), and is then above all values of B;
 * what remains is the same question with one value less.
 */
function computeChances(a: number, b: number): Float64Array {
  let row = Array.from({ length: b + 1 }, () => Float64Array.of(1))
  for (let ofA = 1; ofA <= a; ofA++) {
    const next = [Float64Array.of(1)]
    for (let ofB = 1; ofB <= b; ofB++) {
      const chances = new Float64Array(ofA * ofB + 1)
      row[ofB]!.forEach((chance, pairs) => {
        chances[pairs + ofB]! += (ofA * chance) / (ofA + ofB)
      })
      next[ofB - 1]!.forEach((chance, pairs) => {
        chances[pairs]! += (ofB * chance) / (ofA + ofB)
      })
      next.push(chances)
    }
    row = next
  }
  return row[b]!
}
