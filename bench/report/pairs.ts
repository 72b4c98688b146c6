/**
 * Pairs of a model and its original, with the ratio of their costs. An original is a server in the
 * language or framework that the model re-creates: see peers/list.ts.
 */
import type { Cell } from '../document/document.ts'
import { cpuRatio, figures } from '../figures/figures.ts'
import type { Estimate } from '../figures/statistics.ts'
import { PEERS } from '../peers/list.ts'
import { C_EPOLL } from '../peers/yardsticks.ts'
import { describeLoad } from '../workloads.ts'
import type { Block } from './blocks.ts'
import { intervalText, maybe } from './columns.ts'
import type { ReportTable } from './report-table.ts'

const COLUMNS = [
  { title: 'model', meaning: 'one of the architectures of this project' },
  { title: 'waits on', meaning: 'its way to wait' },
  { title: 'original', meaning: 'the server in the language or framework that it re-creates' },
  { title: 'waits on', meaning: 'its way to wait' },
  { title: 'model µs', meaning: 'CPU time of the model per message' },
  { title: 'original µs', meaning: 'the same for the original' },
  {
    title: '÷',
    meaning: 'model ÷ original in the same round: below 1, the model costs less',
  },
  { title: '95 %', meaning: 'the interval of that ratio, with three rounds or more' },
]

/**
 * A table for each load that has pairs. A pair that was not measured has no row: the table of the
 * load says why. There are no tables if the C epoll loop is the only original: then each table of a
 * load has a column for it.
 */
export function pairTables(blocks: readonly Block[]): ReportTable[] {
  const models = blocks.flatMap(({ cells }) => cells.map(({ model }) => model))
  if (!PEERS.some(({ name }) => name !== C_EPOLL && models.includes(name))) return []
  return blocks.flatMap(({ load, cells }) => {
    const rows = pairRows(cells)
    if (rows.length === 0) return []
    const title = `${describeLoad(load)}: CPU per message, a model's ÷ its original's`
    const more = { columns: COLUMNS, figuresFrom: 4, rows, notes: [], warnings: [] }
    return [{ title, shows: '', ...more }]
  })
}

function originalsIn(cells: readonly Cell[], model: string): Cell[] {
  const peers = PEERS.filter(({ originalOf }) => originalOf.includes(model))
  return cells.filter((cell) => peers.some(({ name }) => name === cell.model))
}

function pairRows(cells: readonly Cell[]): string[][] {
  return cells.flatMap((model) =>
    originalsIn(cells, model.model).flatMap((original) => {
      const ratio = cpuRatio(model, original)
      return ratio === null ? [] : [pairRow(model, original, ratio)]
    }),
  )
}

function pairRow(model: Cell, original: Cell, ratio: Estimate): string[] {
  const cpu = (cell: Cell) => maybe(figures(cell)?.cpuPerMessage, (n) => n.toFixed(2))
  const names = [model.model, model.wait, original.model, original.wait]
  return [...names, cpu(model), cpu(original), ratio.median.toFixed(2), intervalText(ratio)]
}
