/** Looks for links of the site that lead nowhere. */
import { posix } from 'node:path'

export interface BrokenLink {
  /** The page that it stands in, by its path in the site. */
  readonly page: string
  readonly href: string
  readonly why: string
}

/** @param files the HTML of the pages by path, and any text for other files of the site */
export function brokenLinks(files: ReadonlyMap<string, string>): BrokenLink[] {
  const pages = [...files].filter(([path]) => path.endsWith('.html'))
  const ids = new Map(pages.map(([path, markup]) => [path, idsOf(markup)]))
  return pages.flatMap(([page, markup]) => {
    const links = new Set([...markup.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, href]) => href!))
    return [...links].flatMap((href) => {
      const why = problemOf(href, page, files, ids)
      return why === undefined ? [] : [{ page, href, why }]
    })
  })
}

function problemOf(
  href: string,
  page: string,
  files: ReadonlyMap<string, string>,
  ids: ReadonlyMap<string, ReadonlySet<string>>,
): string | undefined {
  if (/^[a-z]+:/.test(href)) return undefined
  const [file = '', hash] = href.split('#')
  const path = file === '' ? page : posix.join(posix.dirname(page), file)
  if (!files.has(path)) return `the site has no ${path}`
  // A page may understand a fragment that is no id: side-by-side.html#03-poll-loop,09-async-await.
  const isKnown = hash === undefined || hash === '' || ids.get(path)?.has(hash)
  return isKnown || path === 'side-by-side.html' ? undefined : `${path} has no #${hash}`
}

/** The ids of a page; these of a large file are many, and they come from one program. */
function idsOf(markup: string): ReadonlySet<string> {
  return new Set([...markup.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!))
}
