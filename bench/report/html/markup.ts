/** Markup has a type of its own, so that no text of a document gets into the page unescaped. */

/** HTML or SVG, which is put into the page as it is. */
export interface Html {
  readonly markup: string
}

/** Values for `${}`: text is escaped, markup is not, and a list shows each of its members. */
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

/** Escapes for text and for attributes in quotes; keeps a number such as `10 000` on one line. */
function escaped(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => ENTITIES[char]!)
    .replace(/(?<=\d) (?=\d{3}(?!\d))/g, '\u00a0')
}
