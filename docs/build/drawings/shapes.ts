/** The shapes of the parts: everything but their text. */
import { type Html, html, NOTHING } from '../html.ts'
import type { Box, End, Line, Part, Ring } from './parts.ts'
import { areaOfPart, BEHIND, CELL, CLIENT_RADIUS, frontOf, placeLine } from './places.ts'
import { head, pathThrough } from './routes.ts'
import { type Area, round } from './words.ts'

export function shapeOf(part: Part): Html {
  if (part.kind === 'box') return boxShape(part)
  if (part.kind === 'band') return rectangle('band', areaOfPart(part))
  if (part.kind === 'ring') return ringShape(part)
  if ('letter' in part) return endShape(part)
  if (part.kind === 'note') return NOTHING
  const area = areaOfPart(part)
  const sign = part.kind === 'thread' ? threadSign(area.x + 7, area.y + 11) : NOTHING
  return html`${rectangle(part.kind, area)}${sign}`
}

function rectangle(name: string, { x, y, width, height }: Area): Html {
  const corner = /band|cell/.test(name) ? 0 : 2
  const place = html`x="${round(x)}" y="${round(y)}"`
  const size = html`width="${round(width)}" height="${round(height)}"`
  return html`<rect class="${name}" ${place} ${size} rx="${corner}"/>
`
}

function boxShape(box: Box): Html {
  const front = frontOf(box)
  const behind = box.isStack ? [2, 1] : []
  const stack = behind.map((place) =>
    rectangle(`${box.whose} behind`, {
      ...front,
      x: front.x + BEHIND * place,
      y: front.y + BEHIND * place,
    }),
  )
  const [x, y, width] = box.at
  return html`${stack}${rectangle(box.whose, front)}${
    box.isThread ? threadSign(x + 7, y + 13) : NOTHING
  }${box.isLoop ? loopSign(x + width - 10, y + 13) : NOTHING}${box.lines.map((line, i) =>
    lineShape(box, line, i),
  )}${(box.jumps ?? []).map((jump, i) => jumpShape(box, jump, i))}`
}

function lineShape(box: Box, { waits, cells = '' }: Line, index: number): Html {
  const { markAt, middle, cellsAt } = placeLine(box, index)
  const mark = waits ? waitMark(markAt, middle, waits) : NOTHING
  const queue = [...cells].map((cell, i) => {
    const name = cell === '.' ? 'cell' : cell === '#' ? 'cell full' : 'cell named'
    const size = { width: CELL, height: CELL }
    return rectangle(name, { x: cellsAt + CELL * i, y: middle - CELL / 2, ...size })
  })
  return html`${mark}${queue}`
}

/** Two bars, as on a key that pauses: full where a thread sleeps, hollow where a function does. */
export function waitMark(x: number, y: number, waits: 'thread' | 'function'): Html {
  const bars = `M${round(x - 1.7)},${round(y - 2.4)}v4.8M${round(x + 1.7)},${round(y - 2.4)}v4.8`
  const circle = html`<circle cx="${round(x)}" cy="${round(y)}" r="5.5"/>`
  return html`<g class="wait ${waits}">${circle}<path d="${bars}"/></g>
`
}

/** A wave: the sign of a thread. */
function threadSign(x: number, y: number): Html {
  return html`<path class="sign" d="M${round(x)},${round(y)}q1.75-4 3.5 0t3.5 0 3.5 0 3.5 0"/>
`
}

/** A round arrow: what is in this box runs again and again. */
function loopSign(x: number, y: number): Html {
  const arc = `M${round(x + 4)},${round(y)}A4,4,0,1,1,${round(x)},${round(y - 4)}`
  const tip = `M${round(x - 0.3)},${round(y - 6.4)}l4,2.4,-4,2.4z`
  return html`<path class="sign" d="${arc}"/><path class="tip" d="${tip}"/>
`
}

/** Back from the end of one line to the end of an earlier one, at the right edge of the box. */
function jumpShape(box: Box, [from, to]: readonly [number, number], place: number): Html {
  const [start, end] = [placeLine(box, from), placeLine(box, to)]
  const [x, , width] = box.at
  const side = x + width - 22 + 10 * place
  const points = [
    [start.right, start.middle],
    [side, start.middle],
    [side, end.middle],
    [end.right, end.middle],
  ] as const
  return html`<path class="jump" d="${pathThrough(points)}"/>${head('jump', points)}
`
}

function endShape(end: End): Html {
  if (end.kind === 'socket') return rectangle('socket', areaOfPart(end))
  const [x, y] = end.at
  return html`<circle class="client" cx="${round(x)}" cy="${round(y)}" r="${CLIENT_RADIUS}"/>
`
}

/** The cells of a ring are parts of a circle around an empty middle. */
function ringShape({ at: [x, y, radius], cells }: Ring): Html {
  const inner = radius * 0.58
  const turn = (2 * Math.PI) / cells.length
  const on = (angle: number, r: number) =>
    `${round(x + r * Math.sin(angle))},${round(y - r * Math.cos(angle))}`
  return html`${[...cells].map((cell, i) => {
    const [a, b] = [i * turn, (i + 1) * turn]
    const outside = `M${on(a, radius)}A${radius},${radius},0,0,1,${on(b, radius)}`
    const inside = `L${on(b, inner)}A${round(inner)},${round(inner)},0,0,0,${on(a, inner)}Z`
    const name = cell === '.' ? 'cell' : 'cell full'
    return html`<path class="${name}" d="${outside}${inside}"/>
`
  })}`
}
