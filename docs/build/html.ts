/** What pages of the site are made with: the templates of the benchmark's report. */
import { type Html, html, NOTHING } from '../../bench/report/html/markup.ts'

export { type Html, html, NOTHING }

/** Markup that something else has made, and that goes into a page as it is. */
export function raw(markup: string): Html {
  return { markup }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
}

/**
 * Escapes code. A template does that too; but it also joins the groups of a number such as `10 000`
 * by a space of another kind, and code must be left as it is.
 */
export function escapeCode(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char]!)
}
