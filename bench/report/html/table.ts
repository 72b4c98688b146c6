/** A table of the report in HTML. A wide table scrolls in its own box. */
import type { ReportTable } from '../report-table.ts'
import { colourOf } from './identity.ts'
import { type Html, html } from './markup.ts'

/** @param titledBy the id of the heading above the table, which is its title */
export function renderTable(table: ReportTable, titledBy: string): Html {
  const { columns, figuresFrom, rows, notes } = table
  const head = columns.map(({ title, meaning }, i) => {
    const kind = i < figuresFrom ? 'text' : 'figure'
    return html`<th scope="col" class="${kind}" title="${meaning}">${title}</th>`
  })
  return html`<div class="scroll" role="region" aria-labelledby="${titledBy}" tabindex="0">
<table aria-labelledby="${titledBy}">
<thead><tr>${head}</tr></thead>
<tbody>
${rows.map((row) => renderRow(row, figuresFrom))}</tbody>
</table>
</div>
${notes.map((note) => html`<p class="note">${note}</p>\n`)}`
}

function renderRow([name = '', ...others]: readonly string[], figuresFrom: number): Html {
  const cells = others.map((text, i) => {
    const kind = i + 1 < figuresFrom ? 'text' : 'figure'
    return html`<td class="${kind}">${text}</td>`
  })
  return html`<tr><th scope="row"><i ${colourOf(name)}></i>${name}</th>${cells}</tr>
`
}
