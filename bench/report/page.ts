/** A page of the docs that holds the results of a run between two marker lines. */
import { UsageError } from '../../servers/command/cli.ts'

export const START = '<!-- results: made by npm run bench:report, do not edit -->'
export const END = '<!-- end of results -->'

/**
 * Returns the page with `results` between the two marker lines; all other bytes stay as they were.
 * Throws a UsageError unless each marker is in the page once, in this order.
 *
 * @param file the name of the page, for the error
 */
export function withResults(page: Buffer, results: string, file: string): Buffer {
  // latin1 has one character per byte: so a position in the text is also a position in the bytes.
  const text = page.toString('latin1')
  const start = placeOf(START, text, file)
  const end = placeOf(END, text, file)
  if (start.after > end.before)
    throw new UsageError(`${file}: the line ${END} comes before ${START}`)
  const between = Buffer.from(`\n${results}\n\n`)
  return Buffer.concat([page.subarray(0, start.after), between, page.subarray(end.before)])
}

/** The position where the marker line begins, and where the next line begins. */
function placeOf(marker: string, text: string, file: string): { before: number; after: number } {
  const [found, ...others] = text.matchAll(new RegExp(`^${marker}\\r?(\\n|$)`, 'gm'))
  if (!found) throw new UsageError(`${file}: the line ${marker} is missing`)
  if (others.length > 0) throw new UsageError(`${file}: the line ${marker} is there twice`)
  return { before: found.index, after: found.index + found[0].length }
}
