/** What can be said of a row in figures: under which name, in which unit, with which digits. */

import { type Estimate, estimate, withoutInterval } from '../../../bench/figures/statistics.ts'
import type { ByRound, DigestRow } from '../../../bench/report/digest.ts'
import { amount } from '../../../clients/terminal.ts'

export interface Measure {
  /** For the head of a column. */
  readonly title: string
  readonly unit: string
  readonly key: ByRound
  readonly show: (value: number) => string
}

const KiB = 1024
const MiB = KiB * KiB

const latency = (title: string, key: ByRound): Measure => {
  return { title, unit: 'ms', key, show: (value) => shortened(value / 1000) }
}

/** By the name that figures, tables and claims have for it. */
export const MEASURES: Readonly<Record<string, Measure>> = {
  cpu: { title: 'CPU per message', unit: 'µs', key: 'cpuPerMessage', show: shortened },
  rate: { title: 'messages', unit: 'per second', key: 'messagesPerSecond', show: amount },
  p50: latency('p50', 'p50'),
  p90: latency('p90', 'p90'),
  p99: latency('p99', 'p99'),
  'p99.9': latency('p99.9', 'p999'),
  'p99-sent': latency('p99 since sent', 'p99SinceSent'),
  memory: memory('memory', 'resident', MiB),
  start: memory('memory at start', 'residentBefore', MiB),
  'per-idle': memory('memory per silent connection', 'residentPerIdle', KiB),
}

function memory(title: string, key: ByRound, unit: number): Measure {
  return {
    title,
    unit: unit === MiB ? 'MiB' : 'KiB',
    key,
    show: (value) => shortened(value / unit),
  }
}

/** `0.16`, `7.1`, `43.9`, `1 092`: as many digits as six short rounds are worth. */
function shortened(value: number): string {
  if (value >= 100) return amount(value)
  return value.toFixed(Math.abs(value) < 1 ? 2 : 1)
}

/** The median with its interval, if there are enough calm rounds; null if it was not measured. */
export function estimateOf({ rounds, calm }: DigestRow, { key }: Measure): Estimate | null {
  const value = estimate(rounds[key] ?? [])
  return value && calm === 0 ? withoutInterval(value.median) : value
}

/** `a` ÷ `b` round by round, as the ranking compares two rows; null if no calm round has both. */
export function ratioOf(a: DigestRow, b: DigestRow, { key }: Measure): Estimate | null {
  if (a.calm === 0 || b.calm === 0) return null
  const others = b.rounds[key] ?? []
  const ratios = (a.rounds[key] ?? []).map((value, round) => {
    const other = others[round]
    return value && other ? value / other : null
  })
  return estimate(ratios)
}

/** The figure; with `?` if the machine was busy in every round. Undefined if there is none. */
export function shown(row: DigestRow, measure: Measure): string | undefined {
  const value = estimateOf(row, measure)
  if (value === null) return undefined
  return measure.show(value.median) + (row.calm === 0 ? '?' : '')
}
