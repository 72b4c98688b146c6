/** Lines of a terminal: text with styles, which is wrapped and never cut off. */
import type { Kind } from '../code.ts'

export type Style = Kind | 'title' | 'bold' | 'faint'

/** Characters of one style. Each takes one place on the screen: no text here has wide ones. */
export interface Run {
  readonly text: string
  readonly style?: Style | undefined
}

export type Line = readonly Run[]

export function lengthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + text.length, 0)
}

/** What stands between two offsets. */
export function slice(line: Line, from: number, to: number): Run[] {
  let start = 0
  return line.flatMap(({ text, style }) => {
    const part = text.slice(Math.max(0, from - start), Math.max(0, to - start))
    start += text.length
    return part === '' ? [] : [{ text: part, style }]
  })
}

/**
 * The parts of a text that is too long for a line. Joined they are the text again.
 *
 * @param room for the first part
 * @param rest for each of the others
 */
export function cut(text: string, room: number, rest = room): string[] {
  if (text.length <= room) return [text]
  const end = lastBreak(text, room)
  return [text.slice(0, end), ...cut(text.slice(end), rest)]
}

/**
 * After a blank, or else before a point or an opening bracket, unless that would
 * leave half of the line empty. No character is torn in two.
 */
function lastBreak(text: string, room: number): number {
  const blank = text.lastIndexOf(' ', room - 1) + 1
  if (blank > room / 2) return blank
  const mark = text.slice(0, room + 1).search(/[.([{][^.([{]*$/)
  if (mark > room / 2) return mark
  const isTorn = /[\uD800-\uDBFF]/.test(text[room - 1]!) && room > 1
  return isTorn ? room - 1 : room
}

/** The parts of a line, each with its styles. */
export function wrap(line: Line, room: number, rest = room): Line[] {
  let start = 0
  return cut(line.map(({ text }) => text).join(''), room, rest).map(({ length }) => {
    start += length
    return slice(line, start - length, start)
  })
}

/** Escape sequences that begin and end a style; the sixteen colours are those of the terminal. */
const SEQUENCES: Readonly<Partial<Record<Style, readonly [number, number]>>> = {
  title: [1, 22],
  bold: [1, 22],
  faint: [2, 22],
  comment: [32, 39],
  string: [33, 39],
  keyword: [35, 39],
  number: [36, 39],
  type: [36, 39],
}

/** As it is written to a terminal, or without styles. */
export function paint(line: Line, isColoured: boolean): string {
  return line.map(({ text, style }) => (isColoured ? styled(text, style) : text)).join('')
}

function styled(text: string, style?: Style): string {
  const [begin, end] = (style && SEQUENCES[style]) ?? []
  if (begin === undefined) return text
  return `\x1b[${begin}m${text}\x1b[${end}m`
}
