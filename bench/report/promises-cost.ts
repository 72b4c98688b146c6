/** What the promises cost: each model beside its bare server, which keeps few of them. */
import { readdirSync, readFileSync } from 'node:fs'
import { ROOT } from '../../servers/boot/root.mjs'
import { findModel, type Model } from '../../servers/models.ts'
import type { Cell } from '../document/document.ts'
import { cpuRatio, figures } from '../figures/figures.ts'
import { linesOfCode } from '../figures/lines-of-code.ts'
import type { Estimate } from '../figures/statistics.ts'
import { bareName } from '../peers/bare.ts'
import { describeLoad } from '../workloads.ts'
import type { Block } from './blocks.ts'
import { intervalText, maybe } from './columns.ts'
import { coverageText } from './coverage.ts'
import { MODEL, type ReportTable, type TableColumn, WAITS_ON } from './report-table.ts'

const COLUMNS: readonly TableColumn[] = [
  MODEL,
  WAITS_ON,
  { title: 'bare µs', meaning: 'CPU time of the bare server per message' },
  { title: 'model µs', meaning: 'the same for the model, which keeps the promises' },
  { title: '÷', meaning: 'model ÷ bare in the same round' },
  { title: 'interval', weight: 1, meaning: 'of that ratio; none with fewer than 6 rounds' },
  {
    title: 'bare KiB',
    weight: 2,
    meaning:
      'memory that each silent connection adds to the bare server, without the kernel’s; below 0 ' +
      'the heap has meanwhile given back more than that',
  },
  { title: 'model KiB', weight: 2, meaning: 'the same for the model' },
  { title: 'bare lines', weight: 3, meaning: 'lines of code of bare.ts' },
  { title: 'model lines', weight: 3, meaning: "lines of code of the model's other files" },
]

interface Pair {
  readonly model: Model
  readonly cell: Cell
  readonly bare: Cell
  readonly ratio: Estimate
}

/** A table for each load under which bare servers were measured. */
export function promisesCostTables(blocks: readonly Block[]): ReportTable[] {
  return blocks.flatMap(({ load, cells }) => {
    const pairs = pairsIn(cells)
    if (pairs.length === 0) return []
    const coverage = coverageText(pairs.map(({ ratio }) => ratio))
    const notes = coverage ? [`intervals of ${coverage}`] : []
    const title = `${describeLoad(load)}: what the promises cost`
    const more = { columns: COLUMNS, figuresFrom: 2, rows: pairs.map(row), notes, warnings: [] }
    return [{ title, shows: '', ...more }]
  })
}

function pairsIn(cells: readonly Cell[]): Pair[] {
  return cells.flatMap((cell) => {
    const model = findModel(cell.model)
    const bare = model && cells.find((other) => other.model === bareName(model))
    const ratio = bare ? cpuRatio(cell, bare) : null
    return model && bare && ratio ? [{ model, cell, bare, ratio }] : []
  })
}

function row({ model, cell, bare, ratio }: Pair): string[] {
  const cpu = (cell: Cell) => maybe(figures(cell)?.cpuPerMessage, (n) => n.toFixed(2))
  const memory = (cell: Cell) => maybe(figures(cell)?.residentPerIdle, (n) => (n / 1024).toFixed(1))
  const ratios = [ratio.median.toFixed(2), intervalText(ratio)]
  const lines = linesOf(model).map(String)
  return [
    cell.model,
    cell.wait,
    cpu(bare),
    cpu(cell),
    ...ratios,
    memory(bare),
    memory(cell),
    ...lines,
  ]
}

/** Of bare.ts, and of all other files of the model's folder: what it uses of other rooms is no part. */
function linesOf({ folder }: Model): [number, number] {
  const room = new URL(`servers/${folder}/`, ROOT)
  const count = (name: string) => linesOfCode(readFileSync(new URL(name, room), 'utf8'))
  const others = readdirSync(room).filter((name) => name.endsWith('.ts') && name !== 'bare.ts')
  return [count('bare.ts'), others.reduce((sum, name) => sum + count(name), 0)]
}
