/**
 * Small multiples (Tufte, 1990): a small chart for each model, all with the same axes, each with
 * the lines of all others in the background. In one chart nobody could tell twenty lines apart.
 */
import { amount } from '../../../clients/terminal.ts'
import { C_EPOLL } from '../../peers/yardsticks.ts'
import { longest, percent } from './format.ts'
import { colourOf, type Named } from './identity.ts'
import { type Html, html } from './markup.ts'
import { evenScale, logScale, type Scale } from './scale.ts'

export interface Line {
  readonly name: Named
  /** In ascending order of connections; empty if nothing was measured. */
  readonly points: readonly Point[]
}

export interface Point {
  readonly connections: number
  /** Messages per second. */
  readonly rate: number
}

interface Axes {
  readonly x: Scale
  readonly y: Scale
  /** Those measured numbers of connections that get a label. */
  readonly counts: readonly number[]
}

/** In pixels: height of the drawing, room above and below it, and from one label to the next. */
const HEIGHT = 130
const TOP = 10
const BOTTOM = 22
const LABEL = 13
/** Labels nearer to each other than this share of the width would overlap. */
const NEAR = 0.18

/** @param id unique in the page */
export function renderPanels(lines: readonly Line[], id: string): Html {
  const drawn = lines.filter(({ points }) => points.length > 0)
  const axes = axesFor(drawn.flatMap(({ points }) => points))
  const models = [...new Set(drawn.map(({ name }) => name.model))]
  const reference = drawn.some(isYardstick) ? ` C is the ${C_EPOLL}.` : ''
  return html`<p class="note">Each chart has one server in front of all the others, on the same axes:
connections across, on a logarithmic axis, messages/s upwards.${reference}</p>
<div class="panels" ${room(drawn, axes)}>
${models.map((model, i) => renderPanel(drawn, model, axes, `${id}-${i + 1}`))}</div>
`
}

function axesFor(points: readonly Point[]): Axes {
  const x = logScale(points.map(({ connections }) => connections))
  const y = evenScale(points.map(({ rate }) => rate))
  const all = [...new Set(points.map(({ connections }) => connections))].toSorted((a, b) => a - b)
  const counts: number[] = []
  for (const count of all) {
    if (counts.every((other) => x.at(count) - x.at(other) > NEAR)) counts.push(count)
  }
  return { x, y, counts }
}

/** How many characters stand left and right: chart.css turns the numbers into padding. */
function room(lines: readonly Line[], { y }: Axes): Html {
  const levels = longest(y.ticks.map(({ value }) => amount(value)))
  const labels = longest(lines.map(({ name }) => name.wait))
  return html`style="--levels: ${levels}; --labels: ${labels}"`
}

function renderPanel(lines: readonly Line[], model: string, axes: Axes, id: string): Html {
  const own = lines.filter(({ name }) => name.model === model)
  const others = lines.filter(({ name }) => name.model !== model)
  const front = [...others.filter(isYardstick), ...own]
  const heights = apart(front.map(({ points }) => yOf(points.at(-1)!, axes)))
  return html`<figure>
<figcaption id="${id}">${model}</figcaption>
<svg class="panel" role="img" aria-labelledby="${id}" aria-describedby="${id}-about"
  height="${TOP + HEIGHT + BOTTOM}">
<title>${model}</title>
<desc id="${id}-about">${own.map(inWords).join('; ')}</desc>
${grid(axes)}
<g class="others">${others.map(({ points }) => segments(points, axes))}</g>
${front.map((line, i) => drawLine(line, own.indexOf(line), axes, heights[i]!))}
</svg>
</figure>
`
}

/** The C epoll loop, which every panel shows in front of the other lines, to compare with. */
function isYardstick({ name }: Line): boolean {
  return name.model === C_EPOLL
}

function inWords({ name, points }: Line): string {
  const texts = points.map(({ connections, rate }) => `${amount(rate)} with ${amount(connections)}`)
  return `${name.wait}, messages/s by connections: ${texts.join(', ')}`
}

function grid({ x, y, counts }: Axes): Html {
  const levels = y.ticks.map(({ value }) => {
    const height = TOP + (1 - y.at(value)) * HEIGHT
    return html`<line class="grid" x2="100%" y1="${height}" y2="${height}"/>
<text x="-0.6em" y="${height}" dy="0.35em" text-anchor="end">${amount(value)}</text>
`
  })
  const below = TOP + HEIGHT + 17
  const labels = counts.map((count) => {
    const at = percent(x.at(count))
    return html`<text x="${at}" y="${below}" text-anchor="middle">${amount(count)}</text>
`
  })
  return html`<g class="axis" aria-hidden="true">
${levels}${labels}</g>`
}

/** @param place among the lines of the panel's own model; -1 for the C epoll loop behind them */
function drawLine({ name, points }: Line, place: number, axes: Axes, labelHeight: number): Html {
  const kind = place < 0 ? 'yardstick' : `line-${place % 3}`
  const dots = points.map(
    (point) => html`<circle cx="${xOf(point, axes)}" cy="${yOf(point, axes)}" r="3"/>`,
  )
  return html`<g ${colourOf(name.model)}><g class="${kind}">${segments(points, axes)}${dots}</g>
<text class="label" x="${xOf(points.at(-1)!, axes)}" dx="0.7em" y="${labelHeight}" dy="0.35em">
${place < 0 ? 'C' : name.wait}</text></g>
`
}

/** Separate lines instead of a path: only lines take coordinates in per cent of the width. */
function segments(points: readonly Point[], axes: Axes): Html[] {
  return points.slice(1).map((to, i) => {
    const from = points[i]!
    const [x1, x2] = [xOf(from, axes), xOf(to, axes)]
    return html`<line x1="${x1}" y1="${yOf(from, axes)}" x2="${x2}" y2="${yOf(to, axes)}"/>`
  })
}

function xOf({ connections }: Point, { x }: Axes): string {
  return percent(x.at(connections))
}

/** Pixels from the top. */
function yOf({ rate }: Point, { y }: Axes): number {
  return Number((TOP + (1 - y.at(rate)) * HEIGHT).toFixed(1))
}

/** Moves heights apart so that their labels do not overlap: down, or up where no room is below. */
export function apart(heights: readonly number[]): number[] {
  const order = heights.map((_, i) => i).toSorted((a, b) => heights[a]! - heights[b]!)
  const moved = [...heights]
  for (const [rank, i] of order.entries()) {
    const above = moved[order[rank - 1] ?? i]!
    if (rank > 0) moved[i] = Math.max(moved[i]!, above + LABEL)
  }
  let floor = TOP + HEIGHT
  for (const i of order.toReversed()) {
    moved[i] = Math.min(moved[i]!, floor)
    floor = moved[i] - LABEL
  }
  return moved
}
