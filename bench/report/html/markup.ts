/** Markup as a type of its own, so that nothing from a document gets into the page unescaped. */

/** HTML or SVG that is to be shown as it stands. */
export interface Html {
  readonly markup: string
}

/** What may stand in `${}`. Text is escaped, markup is not, and of a list each member is shown. */
export type Content = Html | string | number | readonly Content[]

/** The tag of a template: html`<p>${text}</p>`. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { markup: String.raw({ raw: parts }, ...contents.map(toMarkup)) }
}

export const NOTHING: Html = { markup: '' }

function toMarkup(content: Content): string {
  if (typeof content === 'string') return escaped(content)
  if (typeof content === 'number') return String(content)
  return 'markup' in content ? content.markup : content.map(toMarkup).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Fit for the text of an element and for an attribute in quotes; no line ends within `10 000`. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
    .replace(/(?<=\d) (?=\d{3}(?!\d))/g, '\u00a0')
}
