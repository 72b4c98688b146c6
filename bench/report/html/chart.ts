/**
 * The frame of all charts with rows: a figure around an SVG whose rows stand under one axis.
 *
 * Places along the axis are shares of the width, and everything else is in pixels, so that the same
 * SVG fits a wide screen and a phone, with text of its true size on both. The names at the left and
 * the values at the right stand in the padding of the SVG: see chart.css.
 */
import { longest, percent } from './format.ts'
import { colourOf, type Named, nameOf } from './identity.ts'
import { type Content, type Html, html, NOTHING } from './markup.ts'
import type { Scale } from './scale.ts'

export interface Chart {
  /** Unique in the page. */
  readonly id: string
  /** Names the unit of the axis, unless each tick does. */
  readonly title: string
  /** What the marks mean, and how the rows are sorted. */
  readonly caption: Content
  readonly scale: Scale
  readonly tickText: (value: number) => string
  /** From top to bottom. */
  readonly rows: readonly ChartRow[]
  /** A vertical line that the rows are compared with. */
  readonly reference?: Reference | undefined
}

export interface ChartRow {
  readonly name: Named
  /** SVG, drawn around the height 0. */
  readonly marks: Html
  /** `value` stands at the right of the row; after it a wide screen shows `aside`. */
  readonly value: string
  readonly aside?: string
  /** All figures of the row in words. */
  readonly details: string
}

export interface Reference {
  readonly value: number
  /** The ends of the interval of `value`; null without one. */
  readonly low: number | null
  readonly high: number | null
  readonly text: string
}

/** Pixels from one row to the next; height of the axis above, and of the reference text below. */
const PITCH = 20
const TOP = 26
const BOTTOM = 22
/** The most ticks whose labels all fit next to each other in half the width of a screen. */
const FEW_TICKS = 6

export function renderChart(chart: Chart): Html {
  const { id, title, caption, rows, reference } = chart
  const end = TOP + rows.length * PITCH
  const height = end + (reference ? BOTTOM : 4)
  return html`<figure id="${id}">
<figcaption><strong>${title}</strong> ${caption}</figcaption>
<div class="plot">
<svg class="rows" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-about"
  height="${height}" ${room(rows)}>
<title id="${id}-title">${title}</title>
<desc id="${id}-about">${summaryOf(chart)}</desc>
${axis(chart, end)}
${reference ? referenceLine(reference, chart.scale, end) : NOTHING}
${rows.map(row)}
</svg>
</div>
</figure>`
}

/** How many characters names and values take: chart.css turns the numbers into padding. */
function room(rows: readonly ChartRow[]): Html {
  const names = longest(rows.map(({ name }) => nameOf(name)))
  const values = longest(rows.map(({ value }) => value))
  const asides = longest(rows.map(({ aside = '' }) => aside))
  return html`style="--names: ${names}; --values: ${values}; --asides: ${asides}"`
}

/** For screen readers: the first and the last row. The table has the others. */
function summaryOf({ rows, reference }: Chart): string {
  const [first, ...others] = rows.map(({ details }) => details)
  const last = others.length > 0 ? ` The last of ${rows.length} is ${others.at(-1)}.` : ''
  const line = reference ? ` A line marks ${reference.text}.` : ''
  return `The first is ${first}.${last}${line} The table has all figures.`
}

function axis({ scale, tickText }: Chart, end: number): Html {
  // chart.css hides the labels of these classes where a chart has too little room.
  const needs = scale.ticks.length > FEW_TICKS ? 'much-room' : 'some-room'
  const lines = scale.ticks.map(({ value, isMajor }) => {
    const x = percent(scale.at(value))
    return html`<line class="grid" x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${end}"/>
<text class="${isMajor ? 'major' : needs}" x="${x}" y="${TOP - 10}">${tickText(value)}</text>
`
  })
  return html`<g class="axis" aria-hidden="true">
${lines}</g>`
}

function row({ name, marks, value, aside = '', details }: ChartRow, i: number): Html {
  const y = TOP + (i + 0.5) * PITCH
  return html`<g ${colourOf(name.model)} transform="translate(0 ${y})"><title>${details}</title>
<line class="guide" x2="100%"/>
<text class="name" x="-0.8em" y="0.35em">${name.model} <tspan>${name.wait}</tspan></text>
${marks}
<text class="value" x="100%" y="0.35em">${value}</text>
${aside ? html`<text class="aside" x="100%" y="0.35em">${aside}</text>` : NOTHING}
</g>
`
}

function referenceLine({ value, low, high, text }: Reference, scale: Scale, end: number): Html {
  const at = scale.at(value)
  const x = percent(at)
  const [from, to] = [scale.at(low ?? value), scale.at(high ?? value)]
  const anchor = at < 0.5 ? 'start' : 'end'
  return html`<g class="reference" aria-hidden="true">
<rect x="${percent(from)}" y="${TOP - 4}" width="${percent(to - from)}" height="${end - TOP + 4}"/>
<line x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${end + 4}"/>
<text x="${x}" y="${end + 16}" text-anchor="${anchor}">${text}</text>
</g>`
}
