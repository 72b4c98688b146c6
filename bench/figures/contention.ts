/**
 * Was the machine our own? On a shared machine other processes take CPU time, and the figures of a
 * cell that had to wait for it say more about them than about the server.
 */
import type { LoadResult } from '../../clients/load/result.ts'
import type { Outcome } from '../document/document.ts'

/** A measurement that waited for a CPU for this share of its window is not trusted. */
const CROWDED = 0.05

/**
 * The share of the window in which others kept the server or the generator from running; null if
 * the machine doesn't say.
 *
 * Threads of one server wait for each other too, and that is the server's own affair. So what they
 * waited counts only as far as other processes have run meanwhile.
 */
function waitedShare({ machine, seconds }: LoadResult): number | null {
  if (!machine || seconds === 0) return null
  const waited = Math.max(machine.clientWaited, machine.serverWaited)
  return Math.max(Math.min(waited, machine.othersUsed), machine.stolen) / seconds
}

export function isCrowded(outcome: Outcome): boolean {
  if (outcome.kind !== 'measured') return false
  return (waitedShare(outcome.result) ?? 0) > CROWDED
}

/** The share as whole per cents; null for a round without it. */
export function waitedPercent(outcome: Outcome): number | null {
  const share = outcome.kind === 'measured' ? waitedShare(outcome.result) : null
  return share === null ? null : Math.round(100 * share)
}
