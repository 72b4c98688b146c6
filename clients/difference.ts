/** The first byte at which a reply differs from the reply that is due. */
import { asBuffer } from '../servers/bytes/bytes.ts'

/** Bytes that are shown of each side. */
const EXCERPT = 16

export interface Difference {
  /** Index of the first wrong byte in the reply. */
  readonly offset: number
  /** Up to 16 bytes from there on that were due, in hex; empty if none were due. */
  readonly expected: string
  /** Up to 16 bytes from there on that came, in hex. */
  readonly got: string
}

/** The first byte of `got` that was not due; undefined if `due` begins with all of `got`. */
export function difference(due: Uint8Array, got: Uint8Array): Difference | undefined {
  // Equal bytes are the rule: this comparison is a hundred times as fast as the search below.
  if (asBuffer(due).subarray(0, got.length).equals(got)) return undefined
  let offset = 0
  while (offset < got.length && got[offset] === due[offset]) offset += 1
  if (offset === got.length) return undefined
  const end = offset + EXCERPT
  const hex = (bytes: Uint8Array) => asBuffer(bytes).toString('hex', offset, end)
  return { offset, expected: hex(due), got: hex(got) }
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
