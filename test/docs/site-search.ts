import { beforeAll, expect, test } from 'vitest'
import { passagesOf } from '../../docs/build/assets.ts'
import { excerpt, find, makeIndex, openIndex } from '../../docs/build/finder.ts'
import { CHAIN } from '../../docs/build/pages.ts'
import { type Files, mainOf } from './built-site.ts'

/** What the search finds, with an index that is made of the pages. */
export function searchTests(files: () => Files): void {
  let index: ReturnType<typeof openIndex>

  beforeAll(() => {
    const pages = CHAIN.filter(({ source }) => source !== undefined)
    const passages = pages.flatMap(({ path, title }) =>
      passagesOf({ path, title, body: mainOf(files().get(path)!) }),
    )
    index = openIndex(makeIndex(passages))
  })

  const idsFor = (query: string) => find(index, query).map(({ id }) => id)

  test('back pressure is found where it is promised, and in the models', () => {
    const ids = idsFor('back pressure')
    expect(ids.slice(0, 2)).toContain('protocol.html#back-pressure')
    expect(ids.filter((id) => id.startsWith('models/')).length).toBeGreaterThanOrEqual(4)
  })

  test.each([
    ['io_uring', 'models/completion.html'],
    ['lingering close', 'protocol.html#how-a-connection-ends'],
    ['half-close', 'protocol.html#half-close'],
    ['coordinated omission', 'benchmarks.html#closed-loop-open-loop'],
  ])('%s leads to %s', (query, expected) => {
    expect(idsFor(query).some((id) => id.startsWith(expected))).toBe(true)
  })

  test('a word that is incomplete, or has a mistake in it, is found all the same', () => {
    expect(idsFor('corout')).not.toEqual([])
    expect(idsFor('semafores')).not.toEqual([])
    expect(idsFor('qqqqq')).toEqual([])
  })

  test('every passage is found by its own heading', () => {
    expect(idsFor('The longest line')[0]).toBe('protocol.html#the-longest-line')
  })

  test('an excerpt shows the place of what was asked for', () => {
    const text = `${'before '.repeat(40)}back-pressure stops it. ${'after '.repeat(40)}`
    const parts = excerpt(text, 'back pressure')
    const hits = parts.filter(({ isHit }) => isHit).map((part) => part.text)
    expect(hits).toEqual(['back', 'pressure'])
    expect(parts.map((part) => part.text).join('')).toMatch(/^… before .*after …$/)
    expect(parts.map((part) => part.text).join('').length).toBeLessThan(200)
  })

  test('characters that mean something in a pattern do no harm', () => {
    for (const query of ['(', 'a.*', '[', 'c++', '\\', ''])
      expect(() => idsFor(query)).not.toThrow()
  })
}
