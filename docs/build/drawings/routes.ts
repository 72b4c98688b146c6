/** Which way the arrows go: in straight lines, up, down and sideways. */
import { type Html, html } from '../html.ts'
import type { Anchor, Arrow, Net, Part } from './parts.ts'
import { areaOfPart, frontOf, placeLine } from './places.ts'
import { round } from './words.ts'

export type Point = readonly [x: number, y: number]

interface Place {
  readonly x: number
  readonly y: number
  readonly isUpright: boolean
  /** Its place on its side is given. If not, an arrow moves it to where it comes from. */
  readonly isFixed: boolean
}

const ANCHOR = /^[\w-]+(?:\/(\d+)(?=:(?:left|right)$))?:(top|bottom|left|right)(?:@(\d+))?$/

export function partOf(anchor: Anchor, parts: readonly Part[]): Part {
  const id = anchor.replace(/[/:].*/, '')
  const part = parts.find((one) => one.id === id)
  if (!part) throw new RangeError(`${anchor}: there is no ${id}`)
  return part
}

function placeOf(anchor: Anchor, parts: readonly Part[]): Place {
  const [, line, side, at] = ANCHOR.exec(anchor) ?? []
  if (!side) throw new SyntaxError(`${anchor} is no end of an arrow`)
  const part = partOf(anchor, parts)
  const isUpright = side === 'top' || side === 'bottom'
  const place = line === undefined ? onEdge(part, side) : onLine(part, Number(line), side)
  const given = at === undefined ? {} : { [isUpright ? 'x' : 'y']: Number(at) }
  return { ...place, ...given, isUpright, isFixed: at !== undefined || line !== undefined }
}

/** The middle of a side. */
function onEdge(part: Part, side: string): { x: number; y: number } {
  const area = areaOfPart(part)
  const { x, y, width, height } = part.kind === 'box' ? frontOf(part) : area
  if (side === 'top') return { x: x + width / 2, y }
  if (side === 'left') return { x, y: y + height / 2 }
  if (side === 'right') return { x: area.x + area.width, y: y + height / 2 }
  return { x: x + width / 2, y: area.y + area.height }
}

function onLine(part: Part, index: number, side: string): { x: number; y: number } {
  if (part.kind !== 'box') throw new TypeError(`${part.id} has no lines`)
  const { left, right, middle } = placeLine(part, index)
  return { x: side === 'left' ? left : right, y: middle }
}

/** The points of an arrow, from its tail to its head. */
export function routeOf({ from, to, bend }: Arrow, parts: readonly Part[]): Point[] {
  const [start, end] = [placeOf(from, parts), placeOf(to, parts)]
  if (start.isUpright !== end.isUpright) {
    const corner: Point = start.isUpright ? [start.x, end.y] : [end.x, start.y]
    return [[start.x, start.y], corner, [end.x, end.y]]
  }
  return start.isUpright
    ? alongside(start, end, bend)
    : alongside(turned(start), turned(end), bend).map(([x, y]) => [y, x])
}

/** From a top or a bottom to another one. */
function alongside(start: Place, end: Place, bend?: number): Point[] {
  const [keepsStart, keepsEnd] = [start, end].map(({ isFixed }) => isFixed || bend !== undefined)
  const from = keepsStart || !keepsEnd ? start.x : end.x
  const to = keepsEnd ? end.x : from
  const turn = bend ?? (start.y + end.y) / 2
  if (from === to) return [[from, start.y], [to, end.y]] // biome-ignore format: two points
  return [
    [from, start.y],
    [from, turn],
    [to, turn],
    [to, end.y],
  ]
}

function turned({ x, y, ...rest }: Place): Place {
  return { ...rest, x: y, y: x }
}

/** The lines of a net: the longest first, with the head; the others only go to meet it. */
export function routesOfNet({ to, from, trunk, y }: Net, parts: readonly Part[]): Point[][] {
  const wait = placeOf(to, parts)
  const sources = from.map((anchor) => placeOf(anchor, parts))
  const far = sources.toSorted((a, b) => Math.abs(b.x - trunk) - Math.abs(a.x - trunk))
  return far.map(({ x, y: start }, i) => {
    const up: Point[] = [[x, start], [x, y]] // biome-ignore format: two points
    if (i === 0) return distinct([...up, [trunk, y], [trunk, wait.y], [wait.x, wait.y]])
    const isOpposite = x < trunk !== far[0]!.x < trunk
    return isOpposite ? [...up, [trunk, y]] : up
  })
}

function distinct(points: readonly Point[]): Point[] {
  return points.filter(([x, y], i) => {
    const before = points[i - 1]
    return before?.[0] !== x || before[1] !== y
  })
}

const CORNER = 4

/** A line through the points, with round corners. */
export function pathThrough(points: readonly Point[]): string {
  const steps = points.map(([x, y], i) => {
    const [before, after] = [points[i - 1], points[i + 1]]
    if (!before) return `M${round(x)},${round(y)}`
    if (!after) return `L${round(x)},${round(y)}`
    const [inX, inY] = towards([x, y], before)
    const [outX, outY] = towards([x, y], after)
    return `L${inX},${inY}Q${round(x)},${round(y)},${outX},${outY}`
  })
  return steps.join('')
}

function towards([x, y]: Point, [toX, toY]: Point): Point {
  const length = Math.hypot(toX - x, toY - y)
  const part = Math.min(CORNER, length / 2) / length
  return [round(x + (toX - x) * part), round(y + (toY - y) * part)]
}

/** The head of an arrow, at the last of its points. */
export function head(name: string, points: readonly Point[]): Html {
  const [[fromX, fromY], [x, y]] = points.slice(-2) as [Point, Point]
  const [right, down] = [Math.sign(x - fromX), Math.sign(y - fromY)]
  const wing = (side: number) =>
    `${round(x - 6 * right + 2.8 * side * down)},${round(y - 6 * down + 2.8 * side * right)}`
  return html`<path class="head ${name}" d="M${round(x)},${round(y)}L${wing(1)}L${wing(-1)}Z"/>`
}

function line(name: string, points: readonly Point[]): Html {
  return html`<path class="${name}" d="${pathThrough(points)}"/>`
}

export function arrowShape(arrow: Arrow, parts: readonly Part[]): Html {
  const points = routeOf(arrow, parts)
  const back = arrow.kind === 'switches' ? head(arrow.kind, points.toReversed()) : ''
  return html`${line(arrow.kind, points)}${head(arrow.kind, points)}${back}
`
}

export function netShape(net: Net, parts: readonly Part[]): Html {
  const routes = routesOfNet(net, parts)
  return html`${routes.map((points) => line('wakes', points))}${head('wakes', routes[0]!)}
`
}
