/** Models and originals as pairs, with their ratios. */
import Table from 'cli-table3'
import { amount } from '../../clients/terminal.ts'
import { type Cell, cpuRatio, figures } from '../cells.ts'
import type { Estimate } from '../statistics.ts'
import { NO_BORDERS } from '../table.ts'
import { PEERS } from './list.ts'

/**
 * A block per number of connections, a line per pair: CPU time per message of the model, that of
 * its original, and the one divided by the other, round by round, with the 95 % interval if the
 * rounds are enough for one. Empty if nothing could be paired.
 */
export function renderPairs(cells: readonly Cell[]): string {
  const counts = [...new Set(cells.map(({ connections }) => connections))]
  return counts
    .flatMap((count) => {
      const lines = pairLines(cells.filter(({ connections }) => connections === count))
      return lines.length > 0 ? [`${title(count)}\n${renderLines(lines)}`] : []
    })
    .join('\n\n')
}

function modelsOf(original: string): readonly string[] {
  return PEERS.find(({ name }) => name === original)?.originalOf ?? []
}

/** What was not measured has no line: the other table says why. */
function pairLines(block: readonly Cell[]): string[][] {
  return block.flatMap((model) =>
    block
      .filter((original) => modelsOf(original.row.name).includes(model.row.name))
      .flatMap((original) => {
        const ratio = cpuRatio(model, original)
        return ratio === null ? [] : [pairLine(model, original, ratio)]
      }),
  )
}

function pairLine(model: Cell, original: Cell, ratio: Estimate): string[] {
  const cpu = (cell: Cell) => figures(cell)?.cpuPerMessage?.toFixed(2) ?? '–'
  const names = [model, original].flatMap(({ row: { name, wait } }) => [name, wait])
  return [...names, cpu(model), cpu(original), ratio.median.toFixed(2), interval(ratio)]
}

function interval({ low, high }: Estimate): string {
  return low === null || high === null ? '–' : `${low.toFixed(2)}–${high.toFixed(2)}`
}

function title(connections: number): string {
  const one = connections === 1 ? 'connection' : 'connections'
  return `${amount(connections)} ${one}: CPU µs per message, a model's ÷ its original's`
}

function renderLines(lines: readonly string[][]): string {
  const table = new Table({
    head: ['model', 'waits on', 'original', 'waits on', 'model µs', 'original µs', '÷', '95 %'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: NO_BORDERS,
  })
  table.push(...lines)
  return table.toString().replace(/ +$/gm, '')
}
