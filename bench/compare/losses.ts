/** Whether a cell loses more connections in run B than in run A. */
import { errorsText } from '../../clients/load/result.ts'
import { amount } from '../../clients/terminal.ts'
import type { Cell } from '../document/document.ts'
import { calmResultOf } from '../figures/figures.ts'

interface Losses {
  /** Lost connections of all rounds that count, by kind. */
  readonly kinds: Readonly<Record<string, number>>
  readonly lost: number
  /** Messages that had a reply, and connections that were lost. */
  readonly tried: number
}

/**
 * A phrase if B has lost connections in a way that A had not, or more often than A beyond chance;
 * else none.
 *
 * @param sure the chance that equal cells give no phrase, counting both directions
 * @param noiseThreshold in per cent: a smaller growth is taken for noise
 */
export function lossesGrown(a: Cell, b: Cell, sure: number, noiseThreshold: number): string[] {
  const [before, after] = [lossesOf(a), lossesOf(b)]
  const unknown = Object.entries(after.kinds).filter(([kind]) => !(kind in before.kinds))
  if (unknown.length > 0)
    return [`errors that A had not: ${errorsText(Object.fromEntries(unknown))}`]
  if (after.lost === 0) return []
  const growth = after.lost / after.tried / (before.lost / before.tried)
  if ((growth - 1) * 100 < noiseThreshold || growth <= 1) return []
  // If a loss is as likely in both, each falls to B with its share of all that was tried.
  const share = after.tried / (before.tried + after.tried)
  const chance = chanceOfAtLeast(after.lost, before.lost + after.lost, share)
  return chance <= (1 - sure) / 2 ? [`more errors: ${text(before)} in A, ${text(after)} in B`] : []
}

function lossesOf({ rounds }: Cell): Losses {
  const results = rounds.map(calmResultOf).filter((result) => result !== undefined)
  const kinds: Record<string, number> = {}
  for (const [kind, count] of results.flatMap(({ errors }) => Object.entries(errors))) {
    kinds[kind] = (kinds[kind] ?? 0) + count
  }
  const lost = sum(Object.values(kinds))
  return { kinds, lost, tried: lost + sum(results.map(({ messages }) => messages)) }
}

/** The chance of `least` hits or more in `tries`, each of them with the chance `share`. */
function chanceOfAtLeast(least: number, tries: number, share: number): number {
  // Logarithms: the chance of no hit at all is too small for a number.
  let log = tries * Math.log(1 - share)
  let chance = 0
  for (let hits = 0; hits <= tries; hits++) {
    if (hits >= least) chance += Math.exp(log)
    log += Math.log(((tries - hits) / (hits + 1)) * (share / (1 - share)))
  }
  return chance
}

/** `3 of 60 000`. */
function text({ lost, tried }: Losses): string {
  return `${amount(lost)} of ${amount(tried)}`
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}
