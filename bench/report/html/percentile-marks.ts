/** The marks for the latencies of a row, and the key that explains the marks. */
import { percent } from './format.ts'
import { type Html, html, NOTHING } from './markup.ts'

/** In microseconds. */
export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  /** p99 as a closed loop would have counted it; null if the load is a closed loop. */
  readonly p99SinceSent: number | null
}

/**
 * Draws, around the height 0, a line from p50 (a dot) to the slowest reply (a circle). The line is
 * thick up to p90, and has ticks at p99 and p99.9. A square marks p99 as in a closed loop.
 *
 * @param at the share of the width at which a latency lies
 */
export function percentileMarks(latencies: Latencies, at: (latency: number) => number): Html {
  const { p50, p90, p99, p999, max, p99SinceSent } = latencies
  const x = (latency: number) => percent(at(latency))
  return html`<line x1="${x(p50)}" x2="${x(max)}"/>
<line class="body" x1="${x(p50)}" x2="${x(p90)}"/>
<line class="p99" x1="${x(p99)}" x2="${x(p99)}" y1="-6" y2="6"/>
<line x1="${x(p999)}" x2="${x(p999)}" y1="-3" y2="3"/>
<circle cx="${x(p50)}" r="4"/>
<circle class="hollow" cx="${x(max)}" r="3"/>
${p99SinceSent === null ? NOTHING : square(x(p99SinceSent))}`
}

function square(x: string): Html {
  const around = 'translate(-3 -3)'
  return html`<rect class="hollow" x="${x}" width="6" height="6" transform="${around}"/>`
}

/** Where the marks of the key stand, as shares of its width. */
const PLACES = { p50: 0, p90: 0.2, p99SinceSent: 0.38, p99: 0.56, p999: 0.78, max: 1 }
const NAMES = {
  p50: 'p50',
  p90: 'p90',
  p99SinceSent: 'sent',
  p99: 'p99',
  p999: 'p99.9',
  max: 'max',
}

/** The marks with their names. @param hasSquare whether the key shows the square of open loops */
export function percentileKey(hasSquare: boolean): Html {
  const sample = hasSquare ? PLACES : { ...PLACES, p99SinceSent: null }
  const names = Object.entries(NAMES).map(([mark, name]) => {
    const place = sample[mark as keyof Latencies]
    if (place === null) return NOTHING
    return html`<text x="${percent(place)}" y="20">${name}</text>`
  })
  return html`<svg class="key" aria-hidden="true" height="32">
<g class="other" transform="translate(0 8)">
${percentileMarks(sample, (place) => place)}
${names}
</g>
</svg>`
}
