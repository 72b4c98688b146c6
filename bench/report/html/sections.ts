/** The sections of the page, below its head. */
import type { BenchDocument } from '../../document/document.ts'
import { describeLoad, type Workload } from '../../workloads.ts'
import { type Block, blocksOf } from '../blocks.ts'
import type { ReportTable } from '../report-table.ts'
import { footnotes, groupsOf } from '../tables.ts'
import { renderLoadCharts } from './load-charts.ts'
import { type Html, html, NOTHING } from './markup.ts'
import { renderMeanings, renderReading } from './reading.ts'
import { renderScaling } from './scaling.ts'
import { renderTable } from './table.ts'

export interface Section {
  /** Unique in the page. */
  readonly id: string
  readonly title: string
  /** Without the heading; NOTHING if the run has no figures for the section. */
  readonly body: Html
}

/** A block with its table, and the doubts about its figures. */
interface Load {
  readonly id: string
  readonly block: Block
  readonly table: ReportTable
  readonly doubts: readonly string[]
}

/** The sections that have a body, in the order of the page. */
export function sectionsOf(document: BenchDocument): Section[] {
  const blocks = blocksOf(document)
  const { loads: tables, pairs, costs } = groupsOf(document)
  const loads = blocks.map((block, i) => ({
    id: `load-${i + 1}`,
    block,
    table: tables[i]!,
    doubts: [...tables[i]!.warnings, ...reasonsIn(block, document)],
  }))
  const sections = [
    ...document.workloads.map((workload) => workloadSection(workload, loads)),
    { id: 'scaling', title: 'Scaling', body: renderScaling(blocks) },
    { id: 'originals', title: 'Models and originals', body: renderPairs(pairs) },
    { id: 'costs', title: 'Costs', body: renderTables(costs, 'costs') },
    {
      id: 'reading',
      title: 'Reading the figures',
      body: renderReading([...loads.map(({ table }) => table), ...costs]),
    },
  ]
  return sections.filter(({ body }) => body !== NOTHING)
}

function workloadSection({ id, shows }: Workload, loads: readonly Load[]): Section {
  const own = loads.filter(({ block }) => block.workload === id)
  const body = html`${shows ? html`<p class="shows">${shows}</p>` : NOTHING}
${own.map(renderLoad)}`
  return { id: `workload-${id.replace(/[^\w-]/g, '-')}`, title: id, body }
}

function renderLoad({ id, block, table, doubts }: Load): Html {
  return html`<section class="load">
<h3 id="${id}">${table.title}</h3>
${renderLoadCharts(block, id)}
${renderTable(table, id)}
${doubts.length > 0 ? html`<ul class="doubts">${doubts.map(renderDoubt)}</ul>` : NOTHING}
</section>
`
}

/** Why cells are empty. The lines do not repeat the load, which the heading above names. */
function reasonsIn({ load, cells }: Block, document: BenchDocument): string[] {
  const lines = footnotes({ ...document, cells })
  return lines.map((line) => line.replace(`, ${describeLoad(load)}`, ''))
}

/** A line is a kind and a text: `left out: threads: It has 64 threads.` */
function renderDoubt(line: string): Html {
  const [kind = '', ...rest] = line.split(': ')
  return html`<li><strong>${kind}</strong> ${rest.join(': ')}</li>
`
}

/** The tables of models and their originals (see pairs.ts), with what their columns mean. */
function renderPairs(pairs: readonly ReportTable[]): Html {
  if (pairs.length === 0) return NOTHING
  return html`${renderTables(pairs, 'pairs')}${renderMeanings(pairs)}`
}

function renderTables(tables: readonly ReportTable[], id: string): Html {
  if (tables.length === 0) return NOTHING
  return html`${tables.map((table, i) => {
    const titledBy = `${id}-${i + 1}`
    return html`<h3 id="${titledBy}">${table.title}</h3>
${renderTable(table, titledBy)}
`
  })}`
}
