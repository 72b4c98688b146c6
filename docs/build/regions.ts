/** The regions of a source file, which pages quote: what stands between two of its marks. */

/** Lines that follow each other in their file, without the indentation that the region has. */
export interface Piece {
  /** The number of the first line in its file, from 1. */
  readonly firstLine: number
  readonly lines: string[]
  /** Nothing is missing between the piece before and this one but marks of other regions. */
  readonly joins: boolean
}

interface Line {
  readonly number: number
  readonly text: string
}

/** One occurrence of a region: its lines between marks, which are left out. */
type Occurrence = Line[][]

const MARK = /^\s*\/\/ #(region|endregion) (\w+)\s*$/

/**
 * The pieces of a region, in the order of the file: a region may stand in it more than once. Empty
 * if the file has no such region. Without a region, the pieces are those of the whole file.
 */
export function regionOf(text: string, region?: string): Piece[] {
  const occurrences: Occurrence[] = region === undefined ? [[[]]] : []
  let isInside = region === undefined
  for (const [i, line] of text.split('\n').entries()) {
    const mark = MARK.exec(line)
    if (mark && mark[2] === region) {
      isInside = mark[1] === 'region'
      if (isInside) occurrences.push([[]])
    } else if (isInside) {
      const runs = occurrences.at(-1)!
      if (mark) runs.push([])
      else runs.at(-1)!.push({ number: i + 1, text: line })
    }
  }
  return occurrences.flatMap(piecesOf)
}

/** Blank lines at the two ends are left out. */
function piecesOf(runs: Occurrence): Piece[] {
  const full = runs.flat().filter(({ text }) => text.trim() !== '')
  const [first = 1, last = 0] = [full[0]?.number, full.at(-1)?.number]
  const indent = Math.min(...full.map(({ text }) => text.search(/\S/)))
  return runs
    .map((lines) => lines.filter(({ number }) => number >= first && number <= last))
    .filter((lines) => lines.length > 0)
    .map((lines, i) => ({
      firstLine: lines[0]!.number,
      lines: lines.map(({ text }) => text.slice(indent)),
      joins: i > 0,
    }))
}
