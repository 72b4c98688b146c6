/** The chart of latencies: a line for each row, from the median to the slowest reply. */
import type { Cell } from '../../document/document.ts'
import { figures } from '../../figures/figures.ts'
import type { Block } from '../blocks.ts'
import { type ChartRow, renderChart } from './chart.ts'
import { timeText, timeTick } from './format.ts'
import { nameOf } from './identity.ts'
import { type Html, html, NOTHING } from './markup.ts'
import { type Latencies, percentileKey, percentileMarks } from './percentile-marks.ts'
import { logScale, type Scale } from './scale.ts'

interface Line {
  readonly cell: Cell
  readonly latencies: Latencies
}

/** Rows are sorted by p99: users notice the slowest replies, and there the models differ most. */
export function latencyChart({ load, cells }: Block, id: string): Html {
  const lines = cells
    .flatMap(linesOf)
    .toSorted((one, other) => one.latencies.p99 - other.latencies.p99)
  if (lines.length === 0) return NOTHING
  const known = lines.flatMap(({ latencies }) => Object.values(latencies))
  const scale = logScale(known.filter((latency) => latency !== null))
  const hasSquare = lines.some(({ latencies }) => latencies.p99SinceSent !== null)
  return renderChart({
    id: `${id}-latency`,
    title: 'Latency',
    caption: html`${load.rate > 0 ? SINCE_DUE : SINCE_SENT} Less is better.
Sorted by p99, the figure at the right. The axis is logarithmic.${percentileKey(hasSquare)}`,
    scale,
    tickText: timeTick,
    rows: lines.map((line) => toRow(line, scale)),
  })
}

const SINCE_SENT = 'Of replies, counted since their message was sent.'
const SINCE_DUE =
  'Of replies, counted since their message was due; the square is p99 since it was sent.'

/** The line of a cell; none if the cell has no latencies. */
function linesOf(cell: Cell): Line[] {
  const measured = figures(cell)
  if (!measured) return []
  const { p50, p90, p99, p999, max, p99SinceSent } = measured
  if (p50 === null || p90 === null || p99 === null || p999 === null || max === null) return []
  return [{ cell, latencies: { p50, p90, p99, p999, max, p99SinceSent } }]
}

function toRow({ cell, latencies }: Line, scale: Scale): ChartRow {
  const { p50, p90, p99, p999, max } = latencies
  const figures = { p50, p90, p99, 'p99.9': p999, max }
  const details = Object.entries(figures).map(([name, value]) => `${name} ${timeText(value)}`)
  return {
    name: cell,
    marks: percentileMarks(latencies, scale.at),
    value: timeText(p99),
    details: `${nameOf(cell)}: ${details.join(', ')}`,
  }
}
