/** A timeline in the characters of a terminal: a line for each lane, 80 columns wide or as asked. */
import { styleText } from 'node:util'
import { axisOf } from './axis.ts'
import type { Span, State, Timeline, TimelineLane } from './timeline.ts'

export interface Look {
  /** Columns. */
  readonly width: number
  readonly colour: boolean
}

/** What a state is drawn with. A thread that runs for a client is drawn with the client's letter. */
const MARKS: Readonly<Record<State, string>> = {
  runs: '■',
  waits: '░',
  idle: ' ',
  thinks: '·',
  served: '█',
  owed: '▓',
}

const LEGEND = [
  'server  A runs for A   ■ runs   ░ sleeps in a call   (blank) nothing to do',
  'client  · thinks   ░ waits   █ is served   ▓ does not take its replies',
]

const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red'] as const

export function renderTimeline(timeline: Timeline, look: Look): string {
  const names = timeline.lanes.map(({ name }) => name.length)
  const margin = Math.min(Math.max(...names), Math.floor(look.width / 3)) + 4
  const cells = cellsOf(timeline, Math.max(10, look.width - margin))
  const clients = timeline.lanes.filter(({ kind }) => kind === 'client').map(({ name }) => name)
  const lines = timeline.lanes.map((lane) => {
    const name = lane.name.slice(0, margin - 4).padEnd(margin - 4)
    return `  ${name}  ${cells.map((time) => cell(lane, time, clients, look.colour)).join('')}`
  })
  const head = `${timeline.model} (${timeline.wait})`
  const title = look.colour ? styleText('bold', head) : head
  const axis = `${' '.repeat(margin)}${scale(cells)}`
  return [title, ...lines.map((line) => line.trimEnd()), axis, ...waited(timeline), ''].join('\n')
}

export function renderLegend(): string {
  return `${LEGEND.join('\n')}\n`
}

/** For each column the time that it shows: every stretch between two changes has one, if they fit. */
function cellsOf(timeline: Timeline, columns: number): number[] {
  const { times, place } = axisOf(timeline)
  const stretches = times.length - 1
  const least = stretches <= columns ? 1 : 0
  // How many columns the stretches up to a time have: rounded as a sum, so that none is lost.
  const columnsTo = (i: number) =>
    least * i + Math.round((columns - least * stretches) * place(times[i]!))
  return times.slice(1).flatMap((to, i) => {
    const from = times[i]!
    const count = columnsTo(i + 1) - columnsTo(i)
    return Array.from({ length: count }, (_, k) => from + ((k + 0.5) / count) * (to - from))
  })
}

function cell(lane: TimelineLane, time: number, clients: string[], colour: boolean): string {
  const span = lane.spans.find(({ from, to }) => from <= time && time < to)
  if (!span) return ' '
  const mark = span.who ?? MARKS[span.state]
  const client = clients.indexOf(lane.kind === 'client' ? lane.name : (span.who ?? ''))
  const hue = COLOURS[client % COLOURS.length]
  if (!colour) return mark
  return hue && isBusy(span) ? styleText(hue, mark) : styleText('dim', mark)
}

function isBusy({ state }: Span): boolean {
  return state === 'runs' || state === 'served' || state === 'owed'
}

/** The times of some columns, where they fit. */
function scale(cells: readonly number[]): string {
  let text = ''
  for (const [i, time] of cells.entries()) {
    const label = `│${time < 10 ? time.toFixed(1) : Math.round(time)}`
    const isFree = text.length <= i && i + label.length + 3 <= cells.length
    if (isFree && (i === 0 || i - text.length >= 2)) text = text.padEnd(i) + label
  }
  return `${text} ms`
}

/** Who has waited for how long, in words. */
function waited({ lanes }: Timeline): string[] {
  const clients = lanes.filter(({ kind }) => kind === 'client')
  const sentences = clients.map(({ name, spans }) => `${name} ${total(spans, 'waits')} ms`)
  return [`  waited: ${sentences.join(', ')}`]
}

function total(spans: readonly Span[], state: State): string {
  const times = spans.filter((span) => span.state === state).map(({ from, to }) => to - from)
  return times.reduce((sum, time) => sum + time, 0).toFixed(1)
}
