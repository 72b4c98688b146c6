/** The charts of one load. A chart whose figures were not measured is left out. */
import { amount } from '../../../clients/terminal.ts'
import type { Cell } from '../../document/document.ts'
import { cpuRatio, figures, spread } from '../../figures/figures.ts'
import { type Estimate, withoutInterval } from '../../figures/statistics.ts'
import { C_EPOLL } from '../../peers/yardsticks.ts'
import type { Block } from '../blocks.ts'
import { ENOUGH_FOR_MEMORY } from '../columns.ts'
import type { Reference } from './chart.ts'
import { renderDotPlot } from './dot-plot.ts'
import { latencyChart } from './latency-chart.ts'
import { type Html, html, NOTHING } from './markup.ts'

/** @param id the id of the block, unique in the page */
export function renderLoadCharts(block: Block, id: string): Html {
  // An open loop measures latency at a given rate: its throughput says nothing.
  const isOpen = block.load.rate > 0
  const first = isOpen ? [latencyChart, cpuChart] : [throughputChart, cpuChart, latencyChart]
  const charts = [...first, memoryChart]
    .map((chart) => chart(block, id))
    .filter((chart) => chart !== NOTHING)
  return charts.length > 0 ? html`<div class="charts">${charts}</div>` : NOTHING
}

function throughputChart({ cells }: Block, id: string): Html {
  const plot = {
    id: `${id}-throughput`,
    title: 'Throughput, messages/s',
    caption: 'Verified replies over all connections. More is better.',
    best: 'largest',
    estimateOf: (cell: Cell) => spread(cell, 'messagesPerSecond'),
    valueText: amount,
    unit: 'messages/s',
  } as const
  return renderDotPlot(plot, cells)
}

/** If the C epoll loop was measured, a line marks its cost, and each row has the ratio to it. */
function cpuChart({ cells }: Block, id: string): Html {
  const yardstick = cells.find(({ model }) => model === C_EPOLL)
  const its = yardstick ? spread(yardstick, 'cpuPerMessage') : null
  const plot = {
    id: `${id}-cpu`,
    title: 'CPU per message, µs',
    caption: `Of all threads of the server. Less is better.${its ? AGAINST_C : ''}`,
    best: 'smallest',
    estimateOf: (cell: Cell) => spread(cell, 'cpuPerMessage'),
    valueText: twoDecimals,
    unit: 'µs',
    asideOf: (cell: Cell) => timesText(yardstick ? cpuRatio(cell, yardstick) : null),
    reference: its ? referenceOf(its) : undefined,
  } as const
  return renderDotPlot(plot, cells)
}

const AGAINST_C = ` The line is the ${C_EPOLL}, and 2× twice its cost in the same rounds.`

function referenceOf({ median, low, high }: Estimate): Reference {
  return { value: median, low, high, text: `${C_EPOLL}: ${twoDecimals(median)} µs` }
}

function timesText(ratio: Estimate | null): string {
  return ratio ? `${twoDecimals(ratio.median)}×` : ''
}

/** NOTHING for few connections: see ENOUGH_FOR_MEMORY. */
function memoryChart({ load, cells }: Block, id: string): Html {
  if (load.idle < ENOUGH_FOR_MEMORY) return NOTHING
  const plot = {
    id: `${id}-memory`,
    title: 'Memory per idle connection, KiB',
    caption: `What each of ${amount(load.idle)} silent connections adds to the server, without the kernel's own. Less is better.`,
    best: 'smallest',
    estimateOf: kibibytesPerIdle,
    valueText: twoDecimals,
    unit: 'KiB',
  } as const
  return renderDotPlot(plot, cells)
}

function kibibytesPerIdle(cell: Cell): Estimate | null {
  const bytes = figures(cell)?.residentPerIdle
  return bytes == null ? null : withoutInterval(bytes / 1024)
}

function twoDecimals(value: number): string {
  return value.toFixed(2)
}
