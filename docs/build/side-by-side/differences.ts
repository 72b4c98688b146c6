/** What of a text is not in the text beside it: by lines first, then by the words of these lines. */
import { diffArrays, diffWordsWithSpace } from 'diff'

/** The characters of a text from one offset up to another. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A line without its indentation, and where that stands in the text. */
interface Line extends Span {
  readonly text: string
}

/** Lines that share less than this with those beside them are marked as wholes. */
const ALIKE = 0.5

/** The spans of each of two texts that the other does not have. Indentation does not count. */
export function differences(left: string, right: string): { left: Span[]; right: Span[] } {
  const lines = [linesOf(left), linesOf(right)] as const
  const found: { left: Span[]; right: Span[] } = { left: [], right: [] }
  for (const [lefts, rights] of hunks(...lines)) {
    const spans = wordsOf(lefts, rights)
    found.left.push(...spans.left)
    found.right.push(...spans.right)
  }
  return { left: merged(left, found.left), right: merged(right, found.right) }
}

function linesOf(text: string): Line[] {
  let start = 0
  return text.split('\n').map((line) => {
    const from = start + line.length - line.trimStart().length
    start += line.length + 1
    return { text: line.trim(), from, to: from + line.trim().length }
  })
}

/** The runs of lines in which the two differ, those of one side beside those of the other. */
function hunks(lefts: readonly Line[], rights: readonly Line[]): [Line[], Line[]][] {
  const texts = (lines: readonly Line[]) => lines.map(({ text }) => text)
  const found: [Line[], Line[]][] = [[[], []]]
  let [left, right] = [0, 0]
  for (const { added, removed, count } of diffArrays(texts(lefts), texts(rights))) {
    const hunk = found.at(-1)!
    if (!added && !removed) found.push([[], []])
    if (removed) hunk[0].push(...lefts.slice(left, left + count))
    if (added) hunk[1].push(...rights.slice(right, right + count))
    if (!added) left += count
    if (!removed) right += count
  }
  return found
}

function wordsOf(lefts: readonly Line[], rights: readonly Line[]): { left: Span[]; right: Span[] } {
  const changes = diffWordsWithSpace(joined(lefts), joined(rights))
  const size = (values: typeof changes) =>
    values.reduce((sum, { value }) => sum + value.replace(/\s/g, '').length, 0)
  const same = size(changes.filter(({ added, removed }) => !added && !removed))
  if (2 * same < ALIKE * (size(changes) + same)) return { left: [...lefts], right: [...rights] }
  return {
    left: placed(
      lefts,
      changes.map(({ value, removed, added }) => [added ? '' : value, removed]),
    ),
    right: placed(
      rights,
      changes.map(({ value, removed, added }) => [removed ? '' : value, added]),
    ),
  }
}

function joined(lines: readonly Line[]): string {
  return lines.map(({ text }) => text).join('\n')
}

/** Where the marked parts of the joined lines stand in the text that the lines are from. */
function placed(lines: readonly Line[], parts: readonly (readonly [string, boolean])[]): Span[] {
  const spans: Span[] = []
  let [line, offset] = [0, 0]
  for (const [value, isMarked] of parts) {
    for (const [i, text] of value.split('\n').entries()) {
      if (i > 0) [line, offset] = [line + 1, 0]
      const from = (lines[line]?.from ?? 0) + offset
      if (isMarked) spans.push({ from, to: from + text.length })
      offset += text.length
    }
  }
  return spans
}

/** Spans with nothing but spaces between them become one; none is blank. */
function merged(text: string, spans: readonly Span[]): Span[] {
  const result: Span[] = []
  for (const span of spans.filter(({ from, to }) => text.slice(from, to).trim() !== '')) {
    const last = result.at(-1)
    const isNext = last && /^ *$/.test(text.slice(last.to, span.from))
    if (isNext) result[result.length - 1] = { from: last.from, to: span.to }
    else result.push(span)
  }
  return result
}
