/** A cell of the board as HTML. */
import type { Highlighter } from '../code.ts'
import { type Html, html, NOTHING, raw } from '../html.ts'
import { codeHref } from '../links.ts'
import { renderMarkdown } from '../markdown.ts'
import { timelineFigure } from '../timelines/figure.ts'
import type { Cell, Explained, Fact, Quote } from './cells.ts'

/** The path of the page in the site. */
export const PAGE = 'side-by-side.html'

export function renderCell(cell: Cell, highlighter: Highlighter): Html {
  switch (cell.kind) {
    case 'code':
      return renderQuotes(cell.quotes, highlighter)
    case 'explained':
      return renderExplained(cell, highlighter)
    case 'facts':
      return html`<dl>${cell.facts.map(renderFact)}</dl>`
    case 'text':
      return renderText(cell.markdown, cell.page, highlighter)
    case 'timeline':
      return raw(timelineFigure(cell.timeline, { from: PAGE }))
  }
}

/** Words between backticks become code. */
export function renderSentence(text: string): Html {
  const parts = text.split('`')
  return html`${parts.map((part, i) => (i % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

function renderQuotes(quotes: readonly Quote[], highlighter: Highlighter): Html {
  return raw(
    quotes.map(({ source, pieces }) => highlighter.quoteBlock(source, pieces, PAGE)).join('\n'),
  )
}

function renderExplained({ text, place, quotes }: Explained, highlighter: Highlighter): Html {
  const link =
    place && html` <a href="${codeHref(PAGE, place.source, place.line)}">${place.source}</a>`
  const shown = html`<details><summary>Show that code</summary>
${renderQuotes(quotes, highlighter)}</details>`
  return html`<p class="explained">${renderSentence(text)}${link ?? NOTHING}</p>
${quotes.length > 0 ? shown : NOTHING}`
}

function renderFact({ label, text, notes }: Fact): Html {
  const said = renderSentence(text)
  if (notes.length === 0) return html`<div><dt>${label}</dt><dd>${said}</dd></div>\n`
  return html`<div><dt>${label}</dt><dd><details><summary>${said}</summary>
<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul></details></dd></div>\n`
}

function renderText(text: string, page: string, highlighter: Highlighter): Html {
  const { html, problems } = renderMarkdown(text, { path: page, from: PAGE, highlighter })
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return raw(html)
}
