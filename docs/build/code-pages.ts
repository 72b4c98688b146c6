/** The code of the project as pages: each file whole, each folder as a list. */
import { posix } from 'node:path'
import { type Highlighter, wholeFile } from './code.ts'
import { type Html, html, NOTHING, raw } from './html.ts'
import { codeHref, codePath } from './links.ts'
import type { Entry } from './pages.ts'
import type { SitePage } from './shell.ts'
import { allFolders, firstSentence, listing, SOURCES, textOf } from './sources.ts'

export function codePages(highlighter: Highlighter): SitePage[] {
  return [...allFolders().map(folderPage), ...SOURCES.map((file) => filePage(file, highlighter))]
}

function filePage(source: string, highlighter: Highlighter): SitePage {
  const path = codePath(source)
  const { files } = listing(posix.dirname(source))
  const place = files.indexOf(source)
  const [previous, next] = [files[place - 1], files[place + 1]].map(entryOf)
  return {
    path,
    title: source,
    kind: 'code',
    body: html`<h1 class="path">${breadcrumb(source, path)}</h1>
${raw(wholeFile(source, highlighter))}`.markup,
    aside: neighbours(source, path, files),
    ...(previous && { previous }),
    ...(next && { next }),
  }
}

/** The files of the folder, beside the one that is shown. */
function neighbours(source: string, from: string, files: readonly string[]): Html {
  const items = files.map((file) => {
    const current = file === source ? raw(' aria-current="page"') : NOTHING
    const name = posix.basename(file)
    return html`<li><a href="${codeHref(from, file)}"${current}>${name}</a></li>\n`
  })
  return html`<nav class="contents" aria-label="In this folder">
<details><summary>In this folder</summary>
<ul>
${items}</ul>
</details>
</nav>`
}

function folderPage(folder: string): SitePage {
  const path = codePath(folder)
  const { folders, files } = listing(folder)
  const title = folder === '.' ? 'All code' : folder
  const heading = folder === '.' ? html`${title}` : breadcrumb(folder, path)
  const name = (item: string) => (folder === '.' ? item : posix.basename(item))
  const items = [
    ...folders.map((item) => html`<dt><a href="${codeHref(path, item)}">${name(item)}/</a></dt>\n`),
    ...files.map(
      (item) => html`<dt><a href="${codeHref(path, item)}">${name(item)}</a></dt>
<dd>${firstSentence(textOf(item))}</dd>\n`,
    ),
  ]
  const body = html`<h1 class="path">${heading}</h1>
<dl class="listing">
${items}</dl>
`
  return { path, title, kind: 'code', body: body.markup }
}

/** `servers / 03-poll-loop / echo.ts`, each folder a link. */
function breadcrumb(source: string, from: string): Html {
  const names = source.split('/')
  const steps = names.map((name, i) => {
    if (i === names.length - 1) return html`${name}`
    const folder = names.slice(0, i + 1).join('/')
    return html`<a href="${codeHref(from, folder)}">${name}</a> / `
  })
  return html`<a href="${codeHref(from, '.')}">code</a> / ${steps}`
}

function entryOf(source: string | undefined): Entry | undefined {
  return source === undefined
    ? undefined
    : { path: codePath(source), title: posix.basename(source) }
}
