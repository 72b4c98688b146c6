/** Where the parts of a drawing are, and where their text stands. */
import type { Box, End, Part, Ring } from './parts.ts'
import { WIDTH } from './parts.ts'
import { type Area, type PlacedWords, widthOf } from './words.ts'

/** From one row of a box to the next; from its edge to the first and after the last one. */
const PITCH = 17
const PAD = 7
/** The room for a mark before a line. */
const GUTTER = 15
/** A loop within a box moves its lines by so much. */
const STEP = 12
/** How far each box of a stack stands out behind the one before. */
export const BEHIND = 4
export const CELL = 10
const BEFORE_CELLS = 8

const SOCKET = { width: 34, height: 20 }
export const CLIENT_RADIUS = 9

/** The box in front, where there is a stack. */
export function frontOf({ at: [x, y, width], title, lines }: Box): Area {
  const rows = lines.length + (title === undefined ? 0 : 1)
  return { x, y, width, height: rows * PITCH + 10 }
}

export function areaOfPart(part: Part): Area {
  if (part.kind === 'box') return areaOfBox(part)
  if (part.kind === 'band') {
    const [y, height] = part.at
    return { x: 0, y, width: WIDTH, height }
  }
  if ('letter' in part) return areaOfEnd(part)
  if (part.kind === 'ring') return areaOfRing(part)
  if (part.kind === 'note') return { x: part.at[0], y: part.at[1], width: 0, height: 0 }
  const [x, y, width, height] = part.at
  return { x, y, width, height }
}

function areaOfBox(box: Box): Area {
  const front = frontOf(box)
  const more = box.isStack ? 2 * BEHIND : 0
  return { ...front, width: front.width + more, height: front.height + more }
}

function areaOfEnd({ kind, at: [x, y] }: End): Area {
  const size = { width: 2 * CLIENT_RADIUS, height: 2 * CLIENT_RADIUS }
  const { width, height } = kind === 'socket' ? SOCKET : size
  return { x: x - width / 2, y: y - height / 2, width, height }
}

function areaOfRing({ at: [x, y, radius] }: Ring): Area {
  return { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius }
}

/** A line of a box: where its mark, its words and its cells are. */
export interface PlacedLine {
  readonly baseline: number
  /** The height at which an arrow meets it. */
  readonly middle: number
  readonly markAt: number
  readonly wordsAt: number
  readonly cellsAt: number
  /** Its left and right ends, with a little room. */
  readonly left: number
  readonly right: number
}

export function placeLine(box: Box, index: number): PlacedLine {
  const line = box.lines[index]
  if (!line) throw new RangeError(`${box.id} has no line ${index}`)
  const [x, y] = box.at
  const baseline = y + PITCH * (index + (box.title === undefined ? 1 : 2))
  const gutter = box.lines.some(({ waits }) => waits) ? GUTTER : 0
  const wordsAt = x + PAD + gutter + STEP * (line.depth ?? 0)
  const cellsAt = wordsAt + widthOf(line.words) + BEFORE_CELLS
  const end = line.cells ? cellsAt + CELL * line.cells.length : cellsAt - BEFORE_CELLS
  const markAt = wordsAt - GUTTER + 5
  const left = line.waits ? markAt - 7 : wordsAt - 4
  return { baseline, middle: baseline - 4, markAt, wordsAt, cellsAt, left, right: end + 4 }
}

/** The width of the sign before the title of a thread. */
const SIGN = 17

/** All text of a part. */
export function wordsOf(part: Part): PlacedWords[] {
  if (part.kind === 'box') return wordsOfBox(part)
  if (part.kind === 'band')
    return [{ words: 'kernel', x: part.wordAt, y: part.at[0] + part.at[1] - 5 }]
  if (part.kind === 'note') {
    const [x, y] = part.at
    return [{ words: part.words, x, y, ...(part.align && { align: part.align }) }]
  }
  if (part.kind === 'ring') return []
  if ('letter' in part) {
    const [x, y] = part.at
    return [{ words: part.letter, x, y: y + 4, align: 'middle' }]
  }
  const [x, y] = part.at
  return [{ words: part.title, x: x + PAD + (part.kind === 'thread' ? SIGN : 0), y: y + 15 }]
}

function wordsOfBox(box: Box): PlacedWords[] {
  const [x, y] = box.at
  const titleAt = x + PAD + (box.isThread ? SIGN : 0)
  const title = { words: box.title ?? '', x: titleAt, y: y + PITCH, isTitle: !box.isThread }
  const lines = box.lines.flatMap(({ words, cells = '' }, i) => {
    const { wordsAt, cellsAt, baseline } = placeLine(box, i)
    const letters = [...cells].map((cell, place) => ({
      words: /[A-Z]/.test(cell) ? cell : '',
      x: cellsAt + CELL * (place + 0.5),
      y: baseline,
      align: 'middle' as const,
    }))
    return [{ words, x: wordsAt, y: baseline }, ...letters]
  })
  return [title, ...lines].filter(({ words }) => words !== '')
}
