/** Streams of bytes, and all the ways to cut them into chunks and to read them, for fast-check. */
import fc from 'fast-check'
import type { Session } from '../../servers/protocol/session.ts'

/** Any bytes, about a third of them newlines: short lines, empty lines, no line at all. */
export const bytes: fc.Arbitrary<Buffer> = fc
  .array(
    fc.oneof(fc.constant(10), fc.integer({ min: 0, max: 255 }), fc.constantFrom(13, 0, 97, 98)),
    { maxLength: 80 },
  )
  .map((values) => Buffer.from(values))

/** Sizes of chunks, for `cut`. An empty chunk is a chunk too. */
export const sizes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 0, max: 20 }), {
  maxLength: 30,
})

/** Cuts `whole` into chunks of these sizes; the rest is the last chunk. */
export function cut(whole: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = []
  let start = 0
  for (const size of sizes) {
    if (start >= whole.length) break
    chunks.push(whole.subarray(start, start + size))
    start += size
  }
  if (start < whole.length) chunks.push(whole.subarray(start))
  return chunks
}

/**
 * All replies of a session to these chunks, each of which is read into the same buffer, as in a
 * server. Bytes that the session keeps without a copy are overwritten after its reply.
 */
export function receiveInOneBuffer(session: Session, chunks: readonly Buffer[]): Buffer {
  const buffer = Buffer.alloc(Math.max(0, ...chunks.map(({ length }) => length)))
  const replies: Buffer[] = []
  for (const chunk of chunks) {
    if (session.finished) break
    buffer.set(chunk)
    replies.push(Buffer.from(session.receive(buffer.subarray(0, chunk.length))))
    buffer.fill(0xee)
  }
  return Buffer.concat(replies)
}
