/** Where a reply is not what was due. */

/** Bytes that are shown of either side. */
const EXCERPT = 16

export interface Difference {
  /** Place of the first wrong byte, from 0. */
  readonly offset: number
  /** Up to 16 bytes from there on, in hex: what was due (empty if nothing was), and what came. */
  readonly expected: string
  readonly got: string
}

/** The first byte of `got` that was not due; undefined if `due` begins with all of `got`. */
export function difference(due: Buffer, got: Buffer): Difference | undefined {
  let offset = 0
  while (offset < got.length && got[offset] === due[offset]) offset += 1
  if (offset === got.length) return undefined
  const end = offset + EXCERPT
  return {
    offset,
    expected: due.toString('hex', offset, end),
    got: got.toString('hex', offset, end),
  }
}

/** `byte 3: expected 61 0a "a\n", got 62 0a "b\n"`. */
export function describeDifference({ offset, expected, got }: Difference): string {
  return `byte ${offset}: expected ${excerpt(expected)}, got ${excerpt(got)}`
}

function excerpt(hex: string): string {
  if (hex === '') return 'nothing'
  const text = JSON.stringify(Buffer.from(hex, 'hex').toString('latin1'))
  return `${hex.replace(/..(?!$)/g, '$& ')} ${text}`
}
