/**
 * What the docs keep of a run: for each row the figures of its rounds, of which every median,
 * interval and ratio can be made again, in a file that is small enough for the repository.
 */
import type { BenchDocument, Cell, Machine, Parameters } from '../document/document.ts'
import { type Figures, figures } from '../figures/figures.ts'
import { describeLoad } from '../workloads.ts'
import { type Block, blocksOf } from './blocks.ts'

/** Figures that are kept round by round. */
const BY_ROUND = [
  'cpuPerMessage',
  'messagesPerSecond',
  'p50',
  'p90',
  'p99',
  'p999',
  'p99SinceSent',
  'resident',
  'residentBefore',
  'residentPerIdle',
] as const satisfies readonly (keyof Figures)[]

/** Figures that hardly differ between the rounds, or are made of all of them. */
const ONCE = [
  'max',
  'systemCallsPerMessage',
  'threads',
  'descriptors',
  'fairness',
  'errors',
] as const satisfies readonly (keyof Figures)[]

export type ByRound = (typeof BY_ROUND)[number]

export interface Digest {
  readonly schemaVersion: 1
  readonly date: string
  readonly machine: Machine
  readonly versions: Record<string, string>
  readonly parameters: Parameters
  readonly loads: readonly DigestLoad[]
}

export interface DigestLoad {
  /** The workload and the connections that talk: `many/100`; `bare/100+1000` with silent ones. */
  readonly id: string
  /** The load in words. */
  readonly text: string
  readonly rows: readonly DigestRow[]
}

export interface DigestRow {
  readonly model: string
  readonly wait: string
  /** Rounds that were measured while the machine was the run's own. */
  readonly calm: number
  /** Why there are no figures, or not of all rounds. */
  readonly reason?: string
  /** A value for each round, in their order; null for a round that was not calm. */
  readonly rounds: Partial<Record<ByRound, readonly (number | null)[]>>
  readonly once: Partial<Record<(typeof ONCE)[number], number>>
}

export function digestOf(document: BenchDocument): Digest {
  const { date, machine, versions, parameters } = document
  const blocks = blocksOf(document)
  const loads = blocks.map((block) => ({
    id: idOf(block, blocks),
    text: describeLoad(block.load),
    rows: block.cells.map(rowOf),
  }))
  return { schemaVersion: 1, date, machine, versions, parameters, loads }
}

/** As JSON with a line for each row, so that two runs can be compared line by line. */
export function renderDigest({ loads, ...head }: Digest): string {
  const blocks = loads.map(({ rows, ...load }) => {
    const lines = rows.map((row) => `   ${JSON.stringify(row)}`)
    return `  ${JSON.stringify(load).slice(0, -1)},"rows":[\n${lines.join(',\n')}\n  ]}`
  })
  return `${JSON.stringify(head).slice(0, -1)},\n "loads":[\n${blocks.join(',\n')}\n ]}\n`
}

/** With the silent connections, if they are all that tells two loads of a workload apart. */
function idOf(block: Block, blocks: readonly Block[]): string {
  const nameOf = ({ workload, load }: Block) => `${workload}/${load.connections}`
  const isAlone = blocks.filter((other) => nameOf(other) === nameOf(block)).length === 1
  return isAlone ? nameOf(block) : `${nameOf(block)}+${block.load.idle}`
}

/** If no round was calm, `calm` is 0 and the rounds are those that were measured all the same. */
function rowOf(cell: Cell): DigestRow {
  const { model, wait } = cell
  const rounds = cell.rounds.map((outcome) => figures({ ...cell, rounds: [outcome] }))
  const calm = rounds.filter((round) => round && !round.crowded).length
  const kept = rounds.map((round) => (calm > 0 && round?.crowded ? undefined : round))
  const reasons = cell.rounds.flatMap((one) => (one.kind === 'measured' ? [] : [one.reason]))
  return {
    model,
    wait,
    calm,
    ...(reasons.length > 0 ? { reason: [...new Set(reasons)].join(' ') } : {}),
    rounds: byRound(kept),
    once: once(figures(cell)),
  }
}

function byRound(rounds: readonly (Figures | undefined)[]): DigestRow['rounds'] {
  const columns = BY_ROUND.map((key) => {
    const values = rounds.map((round) => short(round?.[key]))
    return [key, values] as const
  })
  return Object.fromEntries(columns.filter(([, values]) => values.some((value) => value !== null)))
}

function once(all: Figures | undefined): DigestRow['once'] {
  const values = ONCE.map((key) => [key, short(all?.[key])] as const)
  return Object.fromEntries(values.filter(([, value]) => value !== null))
}

/** Five digits are more than any of these measurements is worth. */
function short(value: number | null | undefined): number | null {
  return value == null ? null : Number(value.toPrecision(5))
}
