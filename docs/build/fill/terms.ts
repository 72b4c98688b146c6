/** The terms of the glossary, and a rule for markdown-it: the first use of each becomes a link. */
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import type MarkdownIt from 'markdown-it'
import { ROOT } from '../../../servers/boot/root.mjs'

export const GLOSSARY = 'docs/glossary.md'

export interface Term {
  readonly name: string
  /** The anchor of its entry. */
  readonly id: string
  /** The words that mean it in a text: its name, and others. */
  readonly forms: readonly string[]
}

type Token = ReturnType<MarkdownIt['parse']>[number]

/** What a page has linked already. */
interface Page {
  readonly linked: Set<Term>
  readonly uses: RegExp
  readonly terms: readonly Term[]
  readonly hrefOf: (term: Term) => string
  readonly tokenOf: (type: string, tag: string, nesting: -1 | 0 | 1) => Token
}

/** The terms of docs/glossary.md. */
export function glossaryTerms(): Term[] {
  return readTerms(readFileSync(new URL(GLOSSARY, ROOT), 'utf8'))
}

/** Each heading of level 2 is a term; a comment below it has other forms: `<!-- also: … -->`. */
export function readTerms(glossary: string): Term[] {
  const entries = glossary.matchAll(/^## (?<name>.+)\n(?:\s*<!-- also: (?<also>.+) -->)?/gm)
  return [...entries].map(({ groups }) => {
    const name = groups!.name!.trim()
    return { name, id: anchorOf(name), forms: [name, ...(groups!.also?.split(', ') ?? [])] }
  })
}

/** The anchor that GitHub gives to a heading. */
export function anchorOf(heading: string): string {
  const plain = heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '')
  return plain.replaceAll(' ', '-')
}

/**
 * In running text the first use of each term becomes a link: not in headings, tables, code or other
 * links, and not on the page of the glossary itself.
 *
 * @param path of the page, from ROOT
 */
export function linkTerms(md: MarkdownIt, terms: readonly Term[], path: string): void {
  if (path === GLOSSARY || terms.length === 0) return
  const glossary = posix.relative(posix.dirname(path), GLOSSARY)
  const hrefOf = ({ id }: Term) => `${glossary}#${id}`
  const uses = usesOf(terms)
  md.core.ruler.push('terms', ({ tokens, Token }) => {
    const tokenOf: Page['tokenOf'] = (type, tag, nesting) => new Token(type, tag, nesting)
    const page: Page = { linked: new Set(), uses, terms, hrefOf, tokenOf }
    tokens.forEach((token, i) => {
      const isText = token.type === 'inline' && !/^(heading|th|td)_open$/.test(tokens[i - 1]!.type)
      if (isText) token.children = withLinks(token.children ?? [], page)
    })
  })
}

/** Longer forms come first: of “submission queue”, “queue” is no use of its own. */
function usesOf(terms: readonly Term[]): RegExp {
  const forms = terms.flatMap((term) => term.forms).toSorted((a, b) => b.length - a.length)
  const either = forms.map(patternOf).join('|')
  return new RegExp(`(?<![\\p{L}\\p{N}_-])(?:${either})(?![\\p{L}\\p{N}_-])`, 'gu')
}

/** In the plural too; a form without capitals may stand at the beginning of a sentence. */
function patternOf(form: string): string {
  const escaped = form.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const first = form.charAt(0)
  const isPlain = form === form.toLowerCase() && /\p{L}/u.test(first)
  const start = isPlain ? `[${first}${first.toUpperCase()}]${escaped.slice(1)}` : escaped
  return `${start}(?:e?s)?`
}

function withLinks(tokens: readonly Token[], page: Page): Token[] {
  let links = 0
  return tokens.flatMap((token) => {
    if (token.type === 'link_open' || token.type === 'link_close') links += token.nesting
    return token.type === 'text' && links === 0 ? split(token, page) : [token]
  })
}

/** Cuts a text where it uses terms for the first time. */
function split(token: Token, page: Page): Token[] {
  const pieces: Token[] = []
  let done = 0
  const textOf = (content: string) => Object.assign(page.tokenOf('text', '', 0), { content })
  for (const { 0: use, index } of token.content.matchAll(page.uses)) {
    const term = page.terms.find(({ forms }) => forms.some((form) => isUse(form, use)))
    if (!term || page.linked.has(term)) continue
    page.linked.add(term)
    const open = page.tokenOf('link_open', 'a', 1)
    open.attrs = [
      ['href', page.hrefOf(term)],
      ['class', 'term'],
    ]
    const close = page.tokenOf('link_close', 'a', -1)
    pieces.push(textOf(token.content.slice(done, index)), open, textOf(use), close)
    done = index + use.length
  }
  return done === 0 ? [token] : [...pieces, textOf(token.content.slice(done))]
}

function isUse(form: string, use: string): boolean {
  return new RegExp(`^${patternOf(form)}$`, 'u').test(use)
}
