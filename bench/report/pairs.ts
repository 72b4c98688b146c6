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
import { coverageText } from './coverage.ts'
import type { ReportTable, TableColumn } from './report-table.ts'

interface Pair {
  readonly model: Cell
  readonly original: Cell
  readonly ratio: Estimate
}

const COLUMNS: readonly TableColumn[] = [
  { title: 'model', meaning: 'one of the architectures of this project' },
  { title: 'waits on', weight: 3, meaning: 'its way to wait' },
  { title: 'original', meaning: 'the server in the language or framework that it re-creates' },
  { title: 'waits on', weight: 3, meaning: 'its way to wait' },
  { title: 'model µs', weight: 2, meaning: 'CPU time of the model per message' },
  { title: 'original µs', weight: 1, meaning: 'the same for the original' },
  {
    title: '÷',
    meaning: 'model ÷ original in the same round: below 1, the model costs less',
  },
  {
    title: 'interval',
    meaning:
      'of that ratio: it holds the true median with the chance that stands below the table, 95 % ' +
      'or more; none with fewer than 6 rounds',
  },
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
    const pairs = pairsIn(cells)
    if (pairs.length === 0) return []
    const title = `${describeLoad(load)}: CPU per message, a model's ÷ its original's`
    const coverage = coverageText(pairs.map(({ ratio }) => ratio))
    const notes = coverage ? [`intervals of ${coverage}`] : []
    const more = { columns: COLUMNS, figuresFrom: 4, rows: pairs.map(pairRow), notes, warnings: [] }
    return [{ title, shows: '', ...more }]
  })
}

function originalsIn(cells: readonly Cell[], model: string): Cell[] {
  const peers = PEERS.filter(({ originalOf }) => originalOf.includes(model))
  return cells.filter((cell) => peers.some(({ name }) => name === cell.model))
}

function pairsIn(cells: readonly Cell[]): Pair[] {
  return cells.flatMap((model) =>
    originalsIn(cells, model.model).flatMap((original) => {
      const ratio = cpuRatio(model, original)
      return ratio === null ? [] : [{ model, original, ratio }]
    }),
  )
}

function pairRow({ model, original, ratio }: Pair): string[] {
  const cpu = (cell: Cell) => maybe(figures(cell)?.cpuPerMessage, (n) => n.toFixed(2))
  const names = [model.model, model.wait, original.model, original.wait]
  return [...names, cpu(model), cpu(original), ratio.median.toFixed(2), intervalText(ratio)]
}
