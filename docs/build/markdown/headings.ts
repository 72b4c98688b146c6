/** Headings have the ids that GitHub gives them, and each is a link to itself. */
import type MarkdownIt from 'markdown-it'
import type { RenderRules, Token } from './tokens.ts'

export interface Heading {
  readonly level: number
  readonly id: string
  readonly text: string
}

/**
 * Gives every heading its id, and returns them all.
 *
 * @param isPage whether the text is all of a page: then its paragraphs have ids too, see nameLeadIns
 */
export function nameHeadings(tokens: readonly Token[], isPage: boolean): Heading[] {
  const headings: Heading[] = []
  const idFor = idMaker()
  tokens.forEach((token, i) => {
    if (token.type !== 'heading_open') return
    const inline = tokens[i + 1]!
    const text = textOf(inline)
    const id = idFor(text)
    const level = Number(token.tag[1])
    token.attrSet('id', id)
    // A link can't be in a link: a heading that has one doesn't become one.
    const isLink = level > 1 && !inline.children?.some(({ type }) => type === 'link_open')
    token.meta = tokens[i + 2]!.meta = { isLink }
    headings.push({ level, id, text })
  })
  if (isPage) nameLeadIns(tokens, idFor)
  return headings
}

/**
 * A paragraph that opens with a term in bold letters is a small section: a link can lead to it, and
 * the search finds it. Headings have their ids first, so that these are the same as on GitHub.
 */
function nameLeadIns(tokens: readonly Token[], idFor: (text: string) => string): void {
  tokens.forEach((token, i) => {
    const paragraph = tokens[i - 1]
    if (token.type !== 'inline' || paragraph?.type !== 'paragraph_open') return
    const term = leadIn(token)
    const place = paragraph.hidden ? tokens[i - 2] : paragraph
    if (place && slugOf(term) !== '') place.attrSet('id', idFor(term))
  })
}

/** The bold letters that a paragraph opens with; empty if it doesn't. */
function leadIn(inline: Token): string {
  const shown = inline.children?.filter(({ type, content }) => type !== 'text' || content) ?? []
  if (shown[0]?.type !== 'strong_open') return ''
  const end = shown.findIndex(({ type }) => type === 'strong_close')
  return shown
    .slice(1, end)
    .map(({ content }) => content)
    .join('')
}

/** Ids that are unique in a page: the second `x` is `x-1`. */
function idMaker(): (text: string) => string {
  const seen = new Map<string, number>()
  return (text) => {
    const slug = slugOf(text)
    const before = seen.get(slug) ?? 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  }
}

export function headingRules(md: MarkdownIt): RenderRules {
  return {
    heading_open: (tokens, i, options) => {
      const token = tokens[i]!
      const open = md.renderer.renderToken(tokens, i, options)
      return token.meta?.isLink ? `${open}<a href="#${token.attrGet('id')}">` : open
    },
    heading_close: (tokens, i, options) => {
      const close = md.renderer.renderToken(tokens, i, options)
      return tokens[i]!.meta?.isLink ? `</a>${close}` : close
    },
  }
}

/** The text of an inline token, without its marks. */
export function textOf(inline: Token): string {
  const parts = inline.children ?? []
  return parts.map(({ type, content }) => (type === 'softbreak' ? ' ' : content)).join('')
}

/** As GitHub makes them: letters, digits, hyphens and underscores stay, a space becomes a hyphen. */
function slugOf(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-')
}
