/** What a finished page says, section by section: for its list of contents, and for the search. */

export interface Section {
  /** 1 for what stands under the title of the page, 4 for a paragraph that opens with a term. */
  readonly level: number
  /** Empty where the heading has none. */
  readonly id: string
  readonly heading: string
  readonly text: string
}

interface Start {
  /** Where it begins, its heading included. */
  readonly index: number
  /** Where its text begins. */
  readonly start: number
  readonly level: number
  readonly attributes: string
  readonly heading: string
}

/** Code, pictures and programs are no text; neither is what readers of screens don't hear. */
const NO_TEXT = /<(pre|svg|script|style|nav)\b[\s\S]*?<\/\1>/g
const HEADING = /<h([1-3])\b([^>]*)>([\s\S]*?)<\/h\1>/g
/** See leadIns in markdown/headings.ts. */
const LEAD_IN = /<(?:p|li) (id="[^"]*")>\s*<strong>([\s\S]*?)<\/strong>/g

/** The sections of HTML that the site's own programs have made. */
export function sectionsOf(markup: string): Section[] {
  const text = markup.replace(NO_TEXT, ' ')
  const headings = [...text.matchAll(HEADING)].map((match): Start => {
    const [whole, level, attributes = '', heading = ''] = match
    const { index } = match
    return { index, start: index + whole.length, level: Number(level), attributes, heading }
  })
  // The term is a part of the first sentence, so it stays in the text too.
  const leadIns = [...text.matchAll(LEAD_IN)].map((match): Start => {
    const [, attributes = '', heading = ''] = match
    const { index } = match
    return { index, start: index, level: 4, attributes, heading }
  })
  const starts = [...headings, ...leadIns].toSorted((a, b) => a.index - b.index)
  return starts.map(({ start, level, attributes, heading }, i) => ({
    level,
    id: /\bid="([^"]*)"/.exec(attributes)?.[1] ?? '',
    heading: plainText(heading).replace(/[.:,]$/, ''),
    text: plainText(text.slice(start, starts[i + 1]?.index)),
  }))
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', amp: '&' }

/** The text of HTML, each gap in it one space. */
function plainText(markup: string): string {
  return markup
    .replace(/<\/?(p|li|td|th|tr|dt|dd|h\d|div|summary|figcaption|details|br)\b[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(lt|gt|quot|amp);/g, (_, name: string) => ENTITIES[name]!)
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ')
    .trim()
}
