/** The section that shows how throughput changes with the number of open connections. */
import { amount } from '../../../clients/terminal.ts'
import { figures } from '../../figures/figures.ts'
import { connectionsOf, describeLoad, describeMessages, type Load, PLAIN } from '../../workloads.ts'
import type { Block } from '../blocks.ts'
import { maybe } from '../columns.ts'
import { MODEL, type ReportTable, WAITS_ON } from '../report-table.ts'
import { isSameRow, type Named, rowsOf } from './identity.ts'
import { type Html, html, NOTHING } from './markup.ts'
import { type Line, type Point, renderPanels } from './panels.ts'
import { renderTable } from './table.ts'

/** Loads that differ only in how many connections talk or are silent, the fewest first. */
type Family = readonly Block[]

/** NOTHING if no load was measured with two numbers of connections. */
export function renderScaling(blocks: readonly Block[]): Html {
  const families = familiesOf(blocks)
  if (families.length === 0) return NOTHING
  return html`<p class="shows">What becomes of throughput as more connections are open: a server gains
where one wait finds many of them ready, and loses where each wait has to look at them all.</p>
${families.map(renderFamily)}`
}

/** Only closed loops, since an open one has a given rate; at least two loads must have figures. */
function familiesOf(blocks: readonly Block[]): Family[] {
  const families = new Map<string, Block[]>()
  for (const block of blocks) {
    if (!isPlain(block.load) || !block.cells.some(figures)) continue
    const key = describeMessages(block.load)
    families.set(key, [...(families.get(key) ?? []), block])
  }
  return [...families.values()]
    .filter((family) => family.length > 1)
    .map((family) => family.toSorted((a, b) => connectionsOf(a.load) - connectionsOf(b.load)))
}

/** Whether a load differs from PLAIN only in its connections and its messages. */
function isPlain(load: Load): boolean {
  const { connections, idle, protocol, size } = PLAIN
  return describeLoad({ ...load, connections, idle, protocol, size }) === describeLoad(PLAIN)
}

function renderFamily(family: Family, i: number): Html {
  const id = `scaling-${i + 1}`
  const lines = rowsOf(family.flatMap(({ cells }) => cells)).map((name) => ({
    name,
    points: family.flatMap((block) => pointOf(block, name) ?? []),
  }))
  return html`<h3 id="${id}">${describeMessages(family[0]!.load)}: messages/s by connections</h3>
${family.map(({ load }) => silentNote(load))}
${renderPanels(lines, id)}
${renderTable(tableOf(family, lines), id)}
`
}

function silentNote(load: Load): Html {
  if (load.idle === 0) return NOTHING
  const [open, talking] = [connectionsOf(load), load.connections].map(amount)
  return html`<p class="note">Of the ${open!} connections, ${talking!} talk; the rest are silent.</p>`
}

function pointOf({ load, cells }: Block, name: Named): Point | undefined {
  const cell = cells.find((one) => isSameRow(one, name))
  const measured = cell && figures(cell)
  return measured && { connections: connectionsOf(load), rate: measured.messagesPerSecond }
}

function tableOf(family: Family, lines: readonly Line[]): ReportTable {
  const counts = family.map(({ load }) => connectionsOf(load))
  const columns = counts.map((count) => ({
    title: amount(count),
    meaning: 'messages/s with this number of connections',
  }))
  const rows = lines.map(({ name, points }) => {
    const rateAt = (count: number) => points.find(({ connections }) => connections === count)?.rate
    return [name.model, name.wait, ...counts.map((count) => maybe(rateAt(count), amount))]
  })
  return {
    title: 'Scaling',
    shows: '',
    columns: [MODEL, WAITS_ON, ...columns],
    figuresFrom: 2,
    rows,
    notes: [],
    warnings: [],
  }
}
