/**
 * A timeline as a figure of a page: the picture, and the same as a table for somebody who can't see
 * it. The script of the page makes steps of the rows of that table: see browser/timelines.ts.
 */
import { axisOf } from '../../../clients/scenes/axis.ts'
import { SCENES } from '../../../clients/scenes/scenes.ts'
import type {
  Place,
  Span,
  State,
  Timeline,
  TimelineLane,
} from '../../../clients/scenes/timeline.ts'
import { type Html, html, NOTHING } from '../html.ts'
import { codeHref } from '../links.ts'

export interface FigureOptions {
  /** The path of the page in the site, from which bars lead to the pages of code; none: no links. */
  readonly from?: string
}

// In units of the picture.
const WIDTH = 760
const MARGIN = 142
const TOP = 8
const LANE = 26
const BAR = 17
const LETTER = 7
/** How far apart the times on the axis stand at least. */
const TICK = 52

const STATES: Readonly<Record<State, string>> = {
  runs: 'it runs',
  waits: 'it waits',
  idle: 'there is nothing to do',
  thinks: 'it thinks',
  served: 'it is served',
  owed: 'it does not take what it is owed',
}

type Placer = (time: number) => number

export function timelineFigure(timeline: Timeline, { from }: FigureOptions = {}): string {
  const { model, wait, lanes } = timeline
  const scene = SCENES.find(({ id }) => id === timeline.scene)
  const axis = axisOf(timeline)
  const x: Placer = (time) => MARGIN + axis.place(time) * (WIDTH - MARGIN - 4)
  const height = TOP + LANE * lanes.length + 34
  const title = `${scene?.title ?? timeline.scene}: ${model}, ${wait}`
  return html`<figure class="timeline" aria-label="${title}">
<figcaption><b>${model}</b> <span>${wait}</span> ${keys(timeline)}</figcaption>
<div class="picture" tabindex="0" role="group" aria-label="Timeline of ${title}">
<svg viewBox="0 0 ${WIDTH} ${height}" aria-hidden="true">
${ticks(axis.times, x, height)}${lanes.map((lane, i) => renderLane(lane, i, x, from))}
<line class="now" x1="-9" x2="-9" y1="0" y2="${height - 26}"></line>
</svg>
</div>
${table(timeline, x, from)}
</figure>
`.markup
}

function renderLane(
  { name, kind, spans }: TimelineLane,
  i: number,
  x: Placer,
  from?: string,
): Html {
  const y = TOP + i * LANE
  const middle = y + BAR / 2
  return html`<text class="lane" x="0" y="${middle + 4}">${name}</text>
<line class="rail" x1="${MARGIN}" x2="${WIDTH}" y1="${middle}" y2="${middle}"></line>
${spans.map((span) => bar(span, kind, y, x, from))}`
}

function bar(span: Span, kind: TimelineLane['kind'], y: number, x: Placer, from?: string): Html {
  const [left, right] = [x(span.from), x(span.to)]
  const width = Math.max(1.5, right - left)
  const label = labelOf(span, kind)
  const fits = label.length * LETTER + 4 <= width
  const centre = (left + right) / 2
  const drawn = html`<rect class="${kind} ${span.state}"${client(span.who)} x="${left.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${BAR}"><title>${span.text}: ${times(span)}</title></rect>
${fits ? html`<text class="label ${span.state}" x="${centre.toFixed(1)}" y="${y + 12.5}">${label}</text>` : NOTHING}`
  if (!span.at || from === undefined) return drawn
  return html`<a href="${codeHref(from, span.at.file, span.at.line)}" tabindex="-1">${drawn}</a>\n`
}

function client(who: string | undefined): Html {
  return who === undefined ? NOTHING : html` data-client="${who}"`
}

/** The name of the call in which a thread waits, or of the client for which it runs. */
function labelOf({ state, who, text }: Span, kind: TimelineLane['kind']): string {
  if (kind === 'client') return state === 'owed' ? 'owed' : ''
  if (who !== undefined) return who
  return state === 'runs' ? '' : (/^sleeps in ([^,(]+)/.exec(text)?.[1]?.trim() ?? '')
}

function ticks(all: readonly number[], x: Placer, height: number): Html {
  let last = Number.NEGATIVE_INFINITY
  const shown = all.filter((time) => {
    const isFree = x(time) - last >= TICK
    if (isFree) last = x(time)
    return isFree
  })
  const y = height - 10
  return html`${shown.map(
    (
      time,
    ) => html`<line class="tick" x1="${x(time).toFixed(1)}" x2="${x(time).toFixed(1)}" y1="${TOP}" y2="${y - 12}"></line><text class="time" x="${x(time).toFixed(1)}" y="${y}">${amount(time)}</text>
`,
  )}<text class="unit" x="0" y="${y}">ms</text>`
}

function keys({ lanes }: Timeline): Html {
  const states = new Set(
    lanes.flatMap(({ kind, spans }) => spans.map(({ state }) => `${kind} ${state}`)),
  )
  const shown = [...states].filter((key) => !key.endsWith('idle'))
  return html`<span class="keys">${shown.map((key) => {
    const [kind, state] = key.split(' ') as [string, State]
    const word = key === 'server waits' ? 'it sleeps in a call' : STATES[state]
    return html`<span><i class="${key}"></i> ${kind}: ${word}</span> `
  })}</span>`
}

function table({ lanes }: Timeline, x: Placer, from?: string): Html {
  const rows = lanes.flatMap(({ name, spans }) => spans.map((span) => ({ name, span })))
  rows.sort((a, b) => a.span.from - b.span.from)
  return html`<details><summary>The same as a table</summary>
<div class="scroll" tabindex="0" role="group" aria-label="Table">
<table><thead><tr><th scope="col">ms</th><th scope="col">where</th><th scope="col">what</th><th scope="col">line</th></tr></thead>
<tbody>
${rows.map(
  ({
    name,
    span,
  }) => html`<tr data-x="${x(span.from).toFixed(1)}"><td>${times(span)}</td><td>${name}</td><td>${span.text}</td><td>${source(span.at, from)}</td></tr>
`,
)}</tbody></table>
</div></details>`
}

function source(place: Place | undefined, from?: string): Html {
  if (!place) return NOTHING
  const text = `${place.file.replace('servers/', '')}:${place.line}`
  return from === undefined
    ? html`${text}`
    : html`<a href="${codeHref(from, place.file, place.line)}">${text}</a>`
}

function times({ from, to }: Pick<Span, 'from' | 'to'>): string {
  return `${amount(from)} – ${amount(to)}`
}

function amount(time: number): string {
  return time < 10 ? time.toFixed(2) : time.toFixed(1)
}
