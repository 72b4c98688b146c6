/** A dot plot (Cleveland, 1984): a dot for the figure of each row, a line for the interval. */
import type { Cell } from '../../document/document.ts'
import type { Estimate } from '../../figures/statistics.ts'
import { coverageText } from '../coverage.ts'
import { type ChartRow, type Reference, renderChart } from './chart.ts'
import { percent, tickText } from './format.ts'
import { nameOf } from './identity.ts'
import { type Html, html, NOTHING } from './markup.ts'
import { evenScale, type Scale, scaleForSmall } from './scale.ts'

export interface DotPlot {
  readonly id: string
  readonly title: string
  readonly caption: string
  readonly best: 'largest' | 'smallest'
  /** Null for a cell that does not have the figure: then the plot has no row for the cell. */
  readonly estimateOf: (cell: Cell) => Estimate | null
  readonly valueText: (value: number) => string
  readonly unit: string
  /** The text after the value. */
  readonly asideOf?: (cell: Cell) => string
  readonly reference?: Reference | undefined
}

interface Dot {
  readonly cell: Cell
  readonly estimate: Estimate
}

/** Draws the best row first. NOTHING if no cell has the figure. */
export function renderDotPlot(plot: DotPlot, cells: readonly Cell[]): Html {
  const { id, title, caption, best, estimateOf, reference } = plot
  const sign = best === 'largest' ? -1 : 1
  const dots: Dot[] = cells
    .flatMap((cell) => {
      const estimate = estimateOf(cell)
      return estimate ? [{ cell, estimate }] : []
    })
    .toSorted((a, b) => sign * (a.estimate.median - b.estimate.median))
  if (dots.length === 0) return NOTHING
  const ends = dots.flatMap(({ estimate }) => endsOf(estimate))
  const scale = best === 'largest' ? evenScale(ends) : scaleForSmall(ends)
  return renderChart({
    id,
    title,
    caption: scale.isLog ? `${caption} The axis is logarithmic.` : caption,
    scale,
    tickText,
    rows: dots.map((dot) => toRow(dot, plot, scale)),
    reference,
  })
}

function toRow({ cell, estimate }: Dot, plot: DotPlot, scale: Scale): ChartRow {
  const { valueText, unit, asideOf } = plot
  const { median } = estimate
  const interval = endsOf(estimate).map(valueText).join(' to ')
  const coverage = coverageText([estimate])
  const sure = coverage === undefined ? '' : `, ${coverage} interval ${interval}`
  return {
    name: cell,
    marks: marks(estimate, scale),
    value: valueText(median),
    aside: asideOf?.(cell) ?? '',
    details: `${nameOf(cell)}: ${valueText(median)} ${unit}${sure}`,
  }
}

function marks(estimate: Estimate, scale: Scale): Html {
  const [from = '', to = ''] = endsOf(estimate).map((end) => percent(scale.at(end)))
  const dot = html`<circle cx="${percent(scale.at(estimate.median))}" r="4"/>`
  return estimate.low === null ? dot : html`<line class="whisker" x1="${from}" x2="${to}"/>${dot}`
}

/** The ends of the interval; without one, the median twice. */
function endsOf({ median, low, high }: Estimate): [number, number] {
  return [low ?? median, high ?? median]
}
