/** Builds the site: every page, the style and the script. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ROOT } from '../../servers/boot/root.mjs'
import { buildApi } from './api.ts'
import { siteScript, siteStyle } from './assets.ts'
import { brokenLinks } from './check.ts'
import { type Highlighter, openHighlighter } from './code.ts'
import { codePages } from './code-pages.ts'
import { bodyOfExercise, withoutFields } from './exercise-page.ts'
import { type Rendered, renderMarkdown } from './markdown.ts'
import { withLinksToBoard } from './model-links.ts'
import { CHAIN, EXERCISE_PAGES } from './pages.ts'
import { document, type SitePage } from './shell.ts'
import { sideBySidePage } from './side-by-side/page.ts'
import { SiteError } from './site-error.ts'

/** What a page was made of, so that a problem can be told by its place there. */
interface TextPage {
  readonly page: SitePage
  readonly source: string
  readonly rendered: Rendered
}

/**
 * Builds the site in a folder beside `folder`, and puts it in the place of what was there. If that
 * fails, the old site stays. Rejects with a SiteError for what is wrong with the pages.
 *
 * @returns the number of pages, those of the API not counted
 */
export async function buildSite(folder: string, hasApi: boolean): Promise<number> {
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  try {
    // TypeDoc is a process of its own. It is waited for even if the pages have failed meanwhile.
    const api = hasApi ? buildApi(join(unfinished, 'api')) : Promise.resolve()
    const [pages, apiPages] = await Promise.allSettled([writeSite(unfinished, hasApi), api])
    if (pages.status === 'rejected') throw pages.reason
    if (apiPages.status === 'rejected') throw apiPages.reason
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
    return pages.value
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

async function writeSite(folder: string, hasApi: boolean): Promise<number> {
  const highlighter = await openHighlighter()
  const texts = await textPages(highlighter)
  const board = await sideBySidePage(highlighter)
  const pages = [...texts.map(({ page }) => page), board, ...codePages(highlighter)]
  const files = new Map(pages.map((page) => [page.path, document(page, hasApi)]))
  files.set('site.css', siteStyle())
  files.set('site.js', await siteScript(texts.map(({ page }) => page)))
  mustBeRight(texts, files, hasApi)
  await write(folder, files)
  return pages.length
}

async function textPages(highlighter: Highlighter): Promise<TextPage[]> {
  const all = [...CHAIN, ...EXERCISE_PAGES]
  const entries = all.flatMap(({ path, source }) => (source ? [{ path, source }] : []))
  return Promise.all(
    entries.map(async ({ path, source }) => {
      const text = await readFile(new URL(source, ROOT), 'utf8')
      const rendered = renderMarkdown(withoutFields(text), { path: source, highlighter })
      const body = bodyOfExercise(withLinksToBoard(rendered.html, path), text)
      return { page: { path, title: rendered.title, body }, source, rendered }
    }),
  )
}

function mustBeRight(
  texts: readonly TextPage[],
  files: ReadonlyMap<string, string>,
  hasApi: boolean,
): void {
  const known = hasApi ? new Map([...files, ['api/index.html', '']]) : files
  const broken = brokenLinks(known).map(({ page, href, why }) => {
    const text = texts.find((one) => one.page.path === page)
    const link = text?.rendered.links.find((one) => one.href === href)
    return `${link ? `${text?.source}:${link.line}` : page}: the link to ${href}: ${why}`
  })
  const problems = [...texts.flatMap(({ rendered }) => rendered.problems), ...broken]
  if (problems.length > 0) throw new SiteError(problems.join('\n'))
}

async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const folders = new Set([...files.keys()].map((path) => dirname(join(folder, path))))
  await Promise.all([...folders].map((each) => mkdir(each, { recursive: true })))
  await Promise.all([...files].map(([path, text]) => writeFile(join(folder, path), text)))
}
