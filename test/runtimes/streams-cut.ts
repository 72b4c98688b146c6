import { setImmediate as nextRound } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { IncompleteReadError } from '../../servers/09-async-await/stream-reader.ts'
import { bytes, cut, sizes } from '../protocol/arbitrary.ts'
import { readerOf, text } from './streams-harness.ts'

/** What is read does not depend on the chunks, nor on whether the reader is early or late. */
export function cutTests(): void {
  /** Lets the reader be early or late: it asks before the bytes come, or when all are there. */
  async function late(isLate: boolean): Promise<void> {
    for (let round = 0; isLate && round < 3; round++) await nextRound()
  }

  async function all(read: () => Promise<Uint8Array>, late: () => Promise<void>) {
    const results: string[] = []
    for (;;) {
      await late()
      const result = await read().then(text, (error: IncompleteReadError) => text(error.partial))
      if (result === '') return results
      results.push(result)
    }
  }

  const cuts = [bytes, sizes, fc.boolean(), fc.integer({ min: 81, max: 100 })] as const

  test('readline gives the same lines', async () => {
    await fc.assert(
      fc.asyncProperty(...cuts, async (sent, sizes, isLate, limit) => {
        const reader = readerOf(cut(sent, sizes), limit)
        const lines = await all(
          () => reader.readline(),
          () => late(isLate),
        )
        expect(lines).toEqual(sent.toString('latin1').match(/[^\n]*\n|[^\n]+/g) ?? [])
      }),
    )
  })

  test('readuntil gives the same records', async () => {
    await fc.assert(
      fc.asyncProperty(...cuts, async (sent, sizes, isLate, limit) => {
        const reader = readerOf(cut(sent, sizes), limit)
        const records = await all(
          () => reader.readuntil(Buffer.from('ab')),
          () => late(isLate),
        )
        const due = sent.toString('latin1').split(/(?<=ab)/)
        expect(records).toEqual(due.filter((record) => record !== ''))
      }),
    )
  })

  test('readexactly and read(n) give the same bytes, above the limit too', async () => {
    const calls = fc.array(
      fc.record({ exactly: fc.boolean(), count: fc.integer({ min: 1, max: 30 }) }),
      { minLength: 1 },
    )
    await fc.assert(
      fc.asyncProperty(bytes, sizes, fc.boolean(), calls, async (sent, sizes, isLate, calls) => {
        const reader = readerOf(cut(sent, sizes), 8)
        let turn = 0
        const pieces = await all(
          () => {
            const { exactly, count } = calls[turn++ % calls.length]!
            return exactly ? reader.readexactly(count) : reader.read(count)
          },
          () => late(isLate),
        )
        expect(pieces.join('')).toBe(sent.toString('latin1'))
      }),
    )
  })
}
