/** The section that explains how to read the charts and tables. */
import type { ReportTable } from '../report-table.ts'
import { type Content, type Html, html } from './markup.ts'

export function renderReading(tables: readonly ReportTable[]): Html {
  return html`<p>A dot is the median of the rounds, and the line through it an interval that holds
the true median with a chance of 95 % or more: of six rounds it goes from the lowest to the highest,
which is 96.9 %. With fewer than six rounds there is none. Where two intervals overlap, look at the
tiers below the table: they compare two rows in the same rounds. Every row of a later tier was told
apart from the first row of each tier before it; this run can’t tell the rows of a tier from its
first.</p>
<p>A model has the same colour in every chart; yardsticks (plain servers to compare with) and
originals (servers that a model re-creates) are grey. What failed or was left out has no row in a
chart, and its reason stands below the table.</p>
<p>A table that is wider than the screen scrolls sideways. These are the columns:</p>
${renderMeanings(tables)}`
}

/** The meanings of the columns: each title once, titles with the same meaning together. */
export function renderMeanings(tables: readonly ReportTable[]): Html {
  const columns = tables.flatMap((table) => table.columns)
  const meanings = new Map(columns.toReversed().map(({ title, meaning }) => [title, meaning]))
  const titles = new Set(columns.map(({ title }) => title))
  const terms = new Map<string, string[]>()
  for (const title of titles) {
    const meaning = meanings.get(title)!
    terms.set(meaning, [...(terms.get(meaning) ?? []), title])
  }
  return html`<dl>
${[...terms].map(([meaning, same]) => renderTerm(same.join(', '), meaning))}</dl>
`
}

/** A line of a list of terms. */
export function renderTerm(term: string, meaning: Content): Html {
  return html`<div><dt>${term}</dt><dd>${meaning}</dd></div>
`
}
