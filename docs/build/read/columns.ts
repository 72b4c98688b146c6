/** Rows of the board as a terminal shows them: the models beside each other, if there is room. */
import { renderLegend } from '../../../clients/scenes/terminal.ts'
import type { Cell, Row } from '../side-by-side/cells.ts'
import { blocksOf, type TokensOf } from './cells.ts'
import { type Line, lengthOf, wrap } from './lines.ts'

/** Columns that would have less room than this stand under each other. */
export const NARROWEST = 24

const BETWEEN: Line = [{ text: ' │ ', style: 'faint' }]

/** @param names of the models, in the order of the cells */
export function rowLines(
  { title, about, cells }: Row,
  names: readonly string[],
  width: number,
  tokensOf: TokensOf,
): Line[] {
  const room = Math.floor((width - lengthOf(BETWEEN) * (names.length - 1)) / names.length)
  const areBeside = room >= NARROWEST
  const columns = cells.map((cell, i): Line[][] => {
    const space = areBeside ? room : width
    const name = wrap([{ text: names[i]!, style: 'title' }], space)
    return [[...name, []], ...blocksOf(cell, space, tokensOf)]
  })
  const body = areBeside
    ? beside(columns, room)
    : columns.flatMap((blocks) => [...blocks.flat(), []])
  const said = wrap([{ text: about }], width)
  return [
    ...titleLines(title, width),
    ...said,
    ...legend(cells, width),
    [],
    ...withoutBlankEnd(body),
    [],
  ]
}

function titleLines(title: string, width: number): Line[] {
  const lines = wrap([{ text: `── ${title} `, style: 'title' }], width)
  const rest = width - lengthOf(lines.at(-1)!)
  return lines.with(-1, [...lines.at(-1)!, { text: '─'.repeat(rest), style: 'faint' }])
}

/** Sets blocks beside each other. Each block begins where the longest one before it has ended. */
function beside(columns: readonly Line[][][], room: number): Line[] {
  const count = Math.max(...columns.map(({ length }) => length))
  return Array.from({ length: count }, (_, block) => {
    const blocks = columns.map((column) => column[block] ?? [])
    const height = Math.max(...blocks.map(({ length }) => length))
    return Array.from({ length: height }, (_, i) =>
      joined(
        blocks.map((lines) => lines[i] ?? []),
        room,
      ),
    )
  }).flat()
}

function joined(parts: readonly Line[], room: number): Line {
  return parts.flatMap((part, i) => {
    if (i === parts.length - 1) return part
    return [...part, { text: ' '.repeat(room - lengthOf(part)) }, ...BETWEEN]
  })
}

function withoutBlankEnd(lines: readonly Line[]): Line[] {
  const isBlank = (line: Line) => line.every(({ text }) => /^[ │]*$/.test(text))
  return lines.slice(0, lines.findLastIndex((line) => !isBlank(line)) + 1)
}

/** What the marks of timelines mean. It stands over all columns, since it is wider than one. */
function legend(cells: readonly Cell[], width: number): Line[] {
  if (!cells.some(({ kind }) => kind === 'timeline')) return []
  return renderLegend()
    .trimEnd()
    .split('\n')
    .flatMap((text) => wrap([{ text }], width))
}
