/**
 * The search, as the builder of the site and the pages use it: the one makes an index, the others
 * look into it.
 */
import MiniSearch, { type Options } from 'minisearch'

/** What the search finds: a section of a page, or a paragraph that opens with a term. */
export interface Passage {
  /** Where it stands in the site: `protocol.html#back-pressure`. */
  readonly id: string
  /** The title of its page. */
  readonly page: string
  readonly heading: string
  readonly text: string
}

/** A part of an excerpt, and whether it is what was asked for. */
export interface Part {
  readonly text: string
  readonly isHit: boolean
}

/** Words that say nothing about a section. */
const COMMON: ReadonlySet<string> = new Set([
  ...['a', 'an', 'and', 'are', 'as', 'at', 'be', 'by', 'can', 'do', 'does', 'for', 'from', 'how'],
  ...['in', 'is', 'it', 'its', 'of', 'on', 'or', 'that', 'the', 'to', 'what', 'when', 'which'],
])

const OPTIONS: Options<Passage> = {
  fields: ['heading', 'page', 'text'],
  storeFields: ['page', 'heading', 'text'],
  processTerm: (term) => (COMMON.has(term.toLowerCase()) ? null : term.toLowerCase()),
}

/** What this site is about comes before reports on it. */
const FOREMOST = /^(protocol|models\/)/
const LAST = /^(benchmarks|changelog|semantics)/

/** So many sections with all words are enough. */
const FEW = 3

/** Characters of an excerpt before the first hit, and from it on. */
const BEFORE = 50
const AFTER = 130

export function makeIndex(passages: readonly Passage[]): string {
  const index = new MiniSearch(OPTIONS)
  index.addAll(passages)
  return JSON.stringify(index)
}

export function openIndex(json: string): MiniSearch<Passage> {
  return MiniSearch.loadJSON(json, OPTIONS)
}

/** The best passages first. The words may be incomplete, or have a mistake in them. */
export function find(index: MiniSearch<Passage>, query: string, most = 8): Passage[] {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
  const search = (combineWith: 'AND' | 'OR') =>
    index.search(words.join(' '), {
      combineWith,
      prefix: true,
      fuzzy: (word) => (word.length > 4 ? 0.2 : false),
      boost: { heading: 4, page: 2 },
    })
  // A question has words that no section says: then some of them must do.
  const all = search('AND')
  const results = all.length < FEW ? search('OR') : all
  const passages = results.map(({ id, score, page, heading, text }) => {
    const passage: Passage = { id, page, heading, text }
    return { passage, score: score * weightOf(passage, words) }
  })
  const sorted = passages.toSorted((a, b) => b.score - a.score)
  return sorted.slice(0, most).map(({ passage }) => passage)
}

/** Words that stand together, as they were asked for, count more than words far apart. */
function weightOf({ id, heading, text }: Passage, words: readonly string[]): number {
  const phrase = new RegExp(words.join('[\\s-]+'), 'gi')
  const inText = Math.min(3, text.match(phrase)?.length ?? 0)
  const inHeading = phrase.test(heading) ? 3 : 0
  const place = FOREMOST.test(id) ? 1.5 : LAST.test(id) ? 0.5 : 1
  return place * (1 + inText + inHeading)
}

/** The place in a text where the words are; its beginning, if they are in the heading only. */
export function excerpt(text: string, query: string): Part[] {
  const words = query.match(/[\p{L}\p{N}]+/gu) ?? []
  if (words.length === 0) return [{ text: text.slice(0, BEFORE + AFTER), isHit: false }]
  const phrase = text.search(new RegExp(words.join('[\\s-]+'), 'i'))
  const any = new RegExp(`(${words.join('|')})`, 'gi')
  const hit = phrase >= 0 ? phrase : Math.max(0, text.search(any))
  const start = hit < BEFORE ? 0 : text.indexOf(' ', hit - BEFORE) + 1
  const whole = text.slice(start, hit + AFTER)
  const end = start + whole.length < text.length ? whole.lastIndexOf(' ') : whole.length
  const shown = `${start > 0 ? '… ' : ''}${whole.slice(0, end)}${end < whole.length ? ' …' : ''}`
  return shown.split(any).map((part, i) => ({ text: part, isHit: i % 2 === 1 }))
}
