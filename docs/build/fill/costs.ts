/** What a model has cost in the kept run, and in lines of code. */
import { FEWEST_ROUNDS } from '../../../bench/figures/statistics.ts'
import type { Digest } from '../../../bench/report/digest.ts'
import { keptRun } from './digest.ts'
import { linesOf } from './lines.ts'
import { findLoad, findMeasure } from './lookup.ts'
import { estimateOf, type Measure, shown } from './measures.ts'

export interface MeasuredCost {
  readonly label: string
  /** The figure, and where there is one its interval: `7.1 (6.9–7.3)`. `–` if there is none. */
  readonly text: string
  readonly unit?: string
  /** A sentence: why there is no figure, or why it is not as sure as others. */
  readonly why?: string
}

const COSTS: readonly (readonly [label: string, measure: string, load: string])[] = [
  ['CPU per message, 1 connection', 'cpu', 'ping'],
  ['CPU per message, 100 connections', 'cpu', 'many/100'],
  ['CPU per message, 1000 connections', 'cpu', 'many/1000'],
  ['Memory at start', 'start', 'ping'],
  ['Memory per silent connection', 'per-idle', 'idle'],
  ['p99 (due) beside a hog', 'p99', 'hog'],
]

/** Of the way in which the model waits by default. Empty if there is no such model. */
export function measuredCosts(model: string, run: Digest = keptRun()): readonly MeasuredCost[] {
  const lines = linesOf(model)
  if (!lines) return []
  const { bare, echo, folder } = lines
  return [
    ...COSTS.map(([label, measure, load]) => ({ label, ...costOf(run, model, measure, load) })),
    { label: 'Lines of code, bare.ts', text: String(bare) },
    { label: 'Lines of code, echo.ts', text: String(echo) },
    { label: 'Lines of code, echo.ts and the files beside it', text: String(folder) },
  ]
}

function costOf(
  run: Digest,
  model: string,
  name: string,
  load: string,
): Omit<MeasuredCost, 'label'> {
  const measure = findMeasure(name)
  const row = findLoad(run, load).rows.find((one) => one.model === model)
  const text = row && shown(row, measure)
  if (!row || text === undefined) {
    return { text: '–', why: row?.reason ?? 'The kept run did not measure it.' }
  }
  const cost = { text: text + intervalOf(estimateOf(row, measure), measure), unit: measure.unit }
  if (row.calm >= FEWEST_ROUNDS) return cost
  const why = `It rests on ${row.calm} calm rounds; fewer than ${FEWEST_ROUNDS} give no interval.`
  return { ...cost, why }
}

function intervalOf(value: ReturnType<typeof estimateOf>, { show }: Measure): string {
  if (value?.low == null || value.high === null) return ''
  return ` (${show(value.low)}–${show(value.high)})`
}
