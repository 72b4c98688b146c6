/** What stands around every page: the head, the search, the navigation, and the way on. */
import { type Html, html, NOTHING, raw } from './html.ts'
import { pageHref } from './links.ts'
import { CHAIN, type Entry, type Part, syllabus } from './pages.ts'
import { sectionsOf } from './sections.ts'

export interface SitePage {
  /** Its path in the site: `models/threads.html`. */
  readonly path: string
  readonly title: string
  /** The HTML of its main part, from its `h1` on. */
  readonly body: string
  /** It needs the width of the screen, and has the navigation at its top. */
  readonly wide?: boolean
  readonly kind?: 'text' | 'code' | 'board'
  /** What stands beside it instead of its contents. */
  readonly aside?: Html
  /** The way on, if it isn't that of the syllabus. */
  readonly previous?: Entry
  readonly next?: Entry
}

/** A page with this number of sections or more shows its contents. */
const MANY = 3

/** @param hasApi whether the pages of the API are there to be led to */
export function document(page: SitePage, hasApi = true): string {
  const { path, title, body, wide = false, kind = 'text', aside } = page
  const root = '../'.repeat(path.split('/').length - 1)
  const name = path.replace(/\.html$/, '')
  return html`<!doctype html>
<html lang="en">
${head(title, root)}
<body data-page="${name}" data-kind="${kind}"${raw(wide ? ' data-wide' : '')}>
<a class="skip" href="#main">Skip to the text</a>
<header class="top">
<a class="home" href="${root}index.html">echo-architectures</a>
${SEARCH}
</header>
<div class="columns">
${navigation(path, syllabus(hasApi))}
${aside ?? contents(page)}
<main id="main" tabindex="-1">
${raw(body)}
${wayOn(page)}</main>
</div>
</body>
</html>
`.markup
}

function head(title: string, root: string): Html {
  return html`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – How should a server wait?</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}site.css">
<script src="${root}site.js" defer></script>
</head>`
}

/** Hidden until the script has come: without it there is nothing that could search. */
const SEARCH = html`<form class="search" role="search" hidden>
<label for="search">Search</label>
<input id="search" type="search" role="combobox" aria-expanded="false" aria-autocomplete="list"
  aria-controls="found" autocomplete="off" spellcheck="false" placeholder="Press / to search">
<ul id="found" role="listbox" aria-label="Sections found" hidden></ul>
<p class="unseen" role="status"></p>
</form>`

/** Closed on a narrow screen; frame.css shows it all on a wide one. */
function navigation(from: string, parts: readonly Part[]): Html {
  return html`<nav class="syllabus" aria-label="Pages" tabindex="0">
<details><summary>All pages</summary>
${parts.map((part) => renderPart(part, from))}</details>
</nav>`
}

function renderPart({ title, entries }: Part, from: string): Html {
  return html`<p class="part">${title}</p>
<ul>
${entries.map((entry) => html`<li>${linkTo(entry, from)}</li>\n`)}</ul>
`
}

function linkTo(entry: Entry, from: string): Html {
  const current = entry.path === from ? raw(' aria-current="page"') : NOTHING
  return html`<a href="${pageHref(from, entry.path)}"${current}>${nameOf(entry)}</a>`
}

function nameOf({ number, title }: Entry): Html {
  return number ? html`<span class="number">${number}</span> ${title}` : html`${title}`
}

function contents({ body, kind = 'text' }: SitePage): Html {
  const sections = sectionsOf(body).filter(
    ({ level, id }) => (level === 2 || level === 3) && id !== '',
  )
  if (kind !== 'text' || sections.length < MANY) return NOTHING
  const items = sections.map(
    ({ level, id, heading }) =>
      html`<li class="level-${level}"><a href="#${id}">${heading}</a></li>\n`,
  )
  return html`<nav class="contents" aria-label="On this page">
<details><summary>On this page</summary>
<ul>
${items}</ul>
</details>
</nav>`
}

function wayOn(page: SitePage): Html {
  const place = CHAIN.findIndex(({ path }) => path === page.path)
  const previous = page.previous ?? (place > 0 ? CHAIN[place - 1] : undefined)
  const next = page.next ?? (place >= 0 ? CHAIN[place + 1] : undefined)
  if (!previous && !next) return NOTHING
  return html`<nav class="way" aria-label="Next to this page">
${step(page.path, previous, 'prev', 'Previous')}${step(page.path, next, 'next', 'Next')}</nav>
`
}

function step(from: string, entry: Entry | undefined, rel: string, word: string): Html {
  if (!entry) return NOTHING
  const href = pageHref(from, entry.path)
  return html`<a rel="${rel}" href="${href}"><span>${word}</span> ${nameOf(entry)}</a>
`
}
