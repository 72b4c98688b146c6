/**
 * The page side-by-side.html: a section for each row, and in it a cell for every model. That is all
 * of it, and it can be read without a script; docs/build/browser/side-by-side.ts hides the models that
 * are not chosen.
 */
import { MODELS, type Model } from '../../../servers/models.ts'
import type { Highlighter } from '../code.ts'
import { type Html, html, NOTHING } from '../html.ts'
import type { SitePage } from '../shell.ts'
import { MOST } from './address.ts'
import { boardOf } from './board.ts'
import { PAGE, renderCell, renderSentence } from './cell-html.ts'
import type { Cell, Row } from './cells.ts'

export async function sideBySidePage(highlighter: Highlighter): Promise<SitePage> {
  const rows = boardOf(MODELS)
  const body = html`<h1>Side by side</h1>
<p>Each row asks the same of every model: what it says of itself, its smallest form, each step of
serving in the code that keeps all promises, how it waits, and what was measured.</p>
<p class="without-script">Every row shows all ${MODELS.length} models, in columns that scroll
sideways.</p>
${renderContents(rows)}
<div class="board">
${renderHead()}
${rows.map((row) => renderRow(row, highlighter))}</div>
`
  return { path: PAGE, title: 'Side by side', body: body.markup, wide: true, kind: 'board' }
}

/** For the script, which shows it: a choice for each column, and what can be done with them. */
function renderHead(): Html {
  const columns = Array.from({ length: MOST }, (_, i) => i + 1)
  return html`<form class="head" autocomplete="off" hidden>
<div class="tools">
<button type="button" data-do="swap">Swap</button>
<button type="button" data-do="add">Add a model</button>
<label><input type="checkbox" data-do="mark"> Mark differences</label>
<p class="complaint" role="alert"></p>
<p class="shortcuts"><kbd>1</kbd> <kbd>2</kbd> <kbd>3</kbd> choose a model · <kbd>s</kbd> swap ·
<kbd>d</kbd> differences · <kbd>j</kbd> <kbd>k</kbd> next row and back</p>
</div>
<div class="choices">
${columns.map(renderChoice)}</div>
<p class="said unseen" role="status"></p>
</form>`
}

function renderChoice(column: number): Html {
  const options = MODELS.map(
    ({ folder }) => html`<option value="${folder}">${nameOf(folder)}</option>`,
  )
  const remove = html`<button type="button" data-do="remove" data-column="${column}"
aria-label="Remove column ${column}">×</button>`
  return html`<div class="choice">
<select aria-label="Model in column ${column}">${options}</select>
${column > 1 ? remove : NOTHING}</div>
`
}

function renderContents(rows: readonly Row[]): Html {
  const items = rows.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>\n`)
  return html`<nav class="rows" aria-label="Rows">
<ol>
${items}</ol>
</nav>`
}

function renderRow({ id, title, about, cells }: Row, highlighter: Highlighter): Html {
  const lines = Math.max(...cells.map(linesOf))
  return html`<section class="row" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title" tabindex="-1"><a href="#${id}">${title}</a></h2>
<p class="about">${renderSentence(about)}</p>
<div class="cells" style="--lines: ${lines}" tabindex="0" role="group" aria-label="${title}: all models">
${cells.map((cell, i) => renderModel(MODELS[i]!, cell, id, highlighter))}</div>
</section>
`
}

/** The model's own name is the anchor of its cell in the first row, for readers without a script. */
function renderModel(model: Model, cell: Cell, row: string, highlighter: Highlighter): Html {
  const { id, folder } = model
  const anchor = row === 'questions' ? html` id="${folder}"` : NOTHING
  const kind = cell.kind === 'facts' && cell.isBrief ? 'of-facts brief' : `of-${cell.kind}`
  return html`<article class="cell ${kind}"${anchor} data-model="${folder}" data-id="${id}">
<h3><a href="models/${id}.html">${nameOf(folder)}</a></h3>
<div class="content">
${renderCell(cell, highlighter)}</div>
</article>
`
}

/** How many lines of the grid a cell takes: its facts stand beside those of other models. */
function linesOf(cell: Cell): number {
  return cell.kind === 'facts' ? cell.facts.length : 1
}

/** `03 poll-loop` */
function nameOf(folder: string): string {
  return folder.replace('-', ' ')
}
