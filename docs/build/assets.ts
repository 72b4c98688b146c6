/** The two files that all pages of the site share: its style, and its script. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { ROOT } from '../../servers/boot/root.mjs'
import { makeIndex, type Passage } from './finder.ts'
import { sectionsOf } from './sections.ts'
import type { SitePage } from './shell.ts'
import { stylesOf, TOKENS } from './styles.ts'

/** In the order in which a later rule may overrule an earlier one. */
const STYLES = [
  'styles/frame.css',
  'styles/text.css',
  'styles/code.css',
  'drawings/drawings.css',
  'timelines/timelines.css',
  'side-by-side/side-by-side.css',
  'styles/print.css',
]

export function siteStyle(): string {
  return stylesOf([...TOKENS, ...STYLES.map((name) => `docs/build/${name}`)])
}

/** One script for all pages, in the form that runs from disk, with the index of the search in it. */
export async function siteScript(pages: readonly SitePage[]): Promise<string> {
  const index = makeIndex(pages.flatMap(passagesOf))
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('docs/build/browser/site.ts', ROOT))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    define: { SEARCH_INDEX: JSON.stringify(index) },
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}

/** A section that has no id is found at the top of its page. */
export function passagesOf({ path, title, body }: SitePage): Passage[] {
  const passages = new Map<string, Passage>()
  for (const { id, heading, text } of sectionsOf(body)) {
    const place = id === '' ? path : `${path}#${id}`
    if (!passages.has(place)) passages.set(place, { id: place, page: title, heading, text })
  }
  return [...passages.values()]
}
