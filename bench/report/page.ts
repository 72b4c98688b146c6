/** A page of the docs that holds the results of a run, between two lines that say so. */
import { UsageError } from '../../servers/command/cli.ts'

export const START = '<!-- results: made by npm run bench:report, do not edit -->'
export const END = '<!-- end of results -->'

/**
 * The page with `results` between the two lines; all other bytes are as they were. Throws a
 * UsageError if the lines aren't there, each once and in this order.
 *
 * @param file the name of the page, for the error
 */
export function withResults(page: Buffer, results: string, file: string): Buffer {
  // A character per byte, whatever the bytes mean: so a position in the text is one in the page.
  const text = page.toString('latin1')
  const start = placeOf(START, text, file)
  const end = placeOf(END, text, file)
  if (start.after > end.before)
    throw new UsageError(`${file}: the line ${END} comes before ${START}`)
  const between = Buffer.from(`\n${results}\n\n`)
  return Buffer.concat([page.subarray(0, start.after), between, page.subarray(end.before)])
}

/** Where a line begins, and where the next one does. */
function placeOf(marker: string, text: string, file: string): { before: number; after: number } {
  const [found, ...others] = text.matchAll(new RegExp(`^${marker}\\r?(\\n|$)`, 'gm'))
  if (!found) throw new UsageError(`${file}: the line ${marker} is missing`)
  if (others.length > 0) throw new UsageError(`${file}: the line ${marker} is there twice`)
  return { before: found.index, after: found.index + found[0].length }
}
