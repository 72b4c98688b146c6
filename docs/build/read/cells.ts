/** A cell of the board as lines of a column. */
import { renderTimeline } from '../../../clients/scenes/terminal.ts'
import type { Timeline } from '../../../clients/scenes/timeline.ts'
import type { Piece, Token } from '../code.ts'
import type { Cell, Explained, Facts, Quote } from '../side-by-side/cells.ts'
import { type Line, lengthOf, type Run, slice, wrap } from './lines.ts'
import { paragraphs } from './prose.ts'

/** Finds the words of a file that is shown in colours, line by line. */
export type TokensOf = (source: string) => readonly (readonly Token[])[] | undefined

/** Stands where the number of a line would stand that goes on. */
const CONTINUED = '↳'

/** What stands in a cell, in blocks: the first ones of all columns stand beside each other, and so on. */
export function blocksOf(cell: Cell, width: number, tokensOf: TokensOf): Line[][] {
  switch (cell.kind) {
    case 'code':
      return [quoteLines(cell.quotes, width, tokensOf)]
    case 'explained':
      return [explainedLines(cell, width, tokensOf)]
    case 'facts':
      return factBlocks(cell, width)
    case 'text':
      return [paragraphs(cell.markdown).flatMap((line) => wrap(line, width))]
    case 'timeline':
      return [timelineLines(cell.timeline, width)]
  }
}

function sentence(text: string, width: number): Line[] {
  return wrap([{ text }], width)
}

/** Its own colours are left out: they don't survive being wrapped. */
function timelineLines(timeline: Timeline, width: number): Line[] {
  const lines = renderTimeline(timeline, { width, colour: false }).split('\n')
  return lines.flatMap((text) => sentence(text, width))
}

function explainedLines({ text, place, quotes }: Explained, width: number, tokensOf: TokensOf) {
  const said = sentence(text, width)
  if (!place) return said
  // The caption of a quote names the place too.
  if (quotes.length > 0) return [...said, [], ...quoteLines(quotes, width, tokensOf)]
  return [...said, ...wrap([{ text: place.source, style: 'faint' }], width)]
}

function factBlocks({ facts, isBrief }: Facts, width: number): Line[][] {
  const longest = Math.max(...facts.map(({ label }) => label.length))
  return facts.map(({ label, text }) => {
    const name: Run = { text: label, style: 'faint' }
    if (!isBrief) return [...wrap([name], width), ...sentence(text, width), []]
    const blanks = { text: ' '.repeat(longest + 2 - label.length) }
    if (longest + 2 + text.length <= width) return [[name, blanks, { text }]]
    return [...wrap([name], width), ...sentence(text, width - 2).map(indented)]
  })
}

function indented(line: Line): Line {
  return [{ text: '  ' }, ...line]
}

function quoteLines(quotes: readonly Quote[], width: number, tokensOf: TokensOf): Line[] {
  return quotes.flatMap(({ source, pieces }) => {
    const caption = wrap([{ text: source, style: 'faint' }], width)
    const tokens = tokensOf(source)
    return [...caption, ...pieces.flatMap((piece) => pieceLines(piece, width, tokens)), []]
  })
}

function pieceLines(piece: Piece, width: number, tokens: ReturnType<TokensOf>): Line[] {
  const { firstLine, lines } = piece
  const digits = String(firstLine + lines.length - 1).length
  return lines.flatMap((text, i) => {
    const number = firstLine + i
    const words = tokens?.[number - 1]?.map(toRun)
    // The file's own line has the indentation that the piece has not.
    const line = words ? slice(words, lengthOf(words) - text.length, lengthOf(words)) : [{ text }]
    return codeLines(line, width - digits - 1, String(number).padStart(digits))
  })
}

/** A line that goes on does so a little further to the right than it began. */
function codeLines(line: Line, width: number, number: string): Line[] {
  const [{ text } = { text: '' }] = line
  const indent = Math.min(text.search(/\S|$/) + 2, Math.floor(width / 3))
  return wrap(line, width, width - indent).map((part, i): Line => {
    if (i === 0) return [{ text: `${number} `, style: 'faint' }, ...part]
    const mark = `${CONTINUED.padStart(number.length)} ${' '.repeat(indent)}`
    return [{ text: mark, style: 'faint' }, ...part]
  })
}

function toRun({ text, kind }: Token): Run {
  return { text, style: kind }
}
