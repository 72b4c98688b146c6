/** The figures of a cell, made from its rounds. */
import { HOGGING, type LoadResult } from '../../clients/load/result.ts'
import type { Cell, Outcome } from '../document/document.ts'
import { isCrowded } from './contention.ts'
import { type Estimate, estimate, median } from './statistics.ts'

/** Medians over the rounds that were measured. Null: not measured, or not possible here. */
export interface Figures {
  readonly messagesPerSecond: number
  /** Latencies in microseconds: in an open loop from when the message was due. */
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly p999: number | null
  /** Of all rounds, where the others are medians. */
  readonly max: number | null
  /** In an open loop: from when the message was really sent, as a closed loop counts. */
  readonly p90SinceSent: number | null
  readonly p99SinceSent: number | null
  /** Microseconds of CPU time of the server's processes, per message. */
  readonly cpuPerMessage: number | null
  /** The same for the load generator: the cost of sending a message and checking the reply. */
  readonly clientPerMessage: number | null
  /** System calls of the server per message; also null if they were not counted. */
  readonly systemCallsPerMessage: number | null
  /** Resident memory of the server in bytes, before the first connection and with all open. */
  readonly residentBefore: number | null
  readonly resident: number | null
  /** Bytes that each silent connection has added, without the kernel's memory for its socket. */
  readonly residentPerIdle: number | null
  /** Threads and descriptors of the server with all connections open. */
  readonly threads: number | null
  readonly descriptors: number | null
  /** Jain's index over n talking connections: 1 if all had as many replies, 1/n if one had all. */
  readonly fairness: number | null
  /** Connections that were lost, in all rounds together. */
  readonly errors: number
  /** No round had the machine to itself: see contention.ts. These figures can't be compared. */
  readonly crowded: boolean
}

/** Undefined if no round was measured. */
export function figures(cell: Cell): Figures | undefined {
  const calm = cell.rounds.map(calmResultOf).filter((result) => result !== undefined)
  const all = cell.rounds.map(resultOf).filter((result) => result !== undefined)
  const results = calm.length > 0 ? calm : all
  if (results.length === 0) return undefined
  const over = (figure: Figure) => median(results.map(figure))
  return {
    messagesPerSecond: over(FIGURES.messagesPerSecond) ?? 0,
    p50: over(({ latency }) => latency?.p50),
    p90: over(({ latency }) => latency?.p90),
    p99: over(({ latency }) => latency?.p99),
    p999: over(({ latency }) => latency?.p999),
    max: greatest(results.map(({ latency }) => latency?.max)),
    p90SinceSent: over(({ sinceSent }) => sinceSent?.p90),
    p99SinceSent: over(({ sinceSent }) => sinceSent?.p99),
    cpuPerMessage: over(FIGURES.cpuPerMessage),
    clientPerMessage: over(FIGURES.clientPerMessage),
    systemCallsPerMessage: over(({ server }) => server?.systemCallsPerMessage),
    residentBefore: over(({ server }) => server?.residentBefore),
    resident: over(({ server }) => server?.residentAfter),
    residentPerIdle: over(({ server }) => server?.residentPerIdle),
    threads: over(({ server }) => server?.threads),
    descriptors: over(({ server }) => server?.descriptors),
    fairness: over(({ fairness }) => fairness),
    errors: all.flatMap(({ errors }) => Object.values(errors)).reduce((a, b) => a + b, 0),
    crowded: calm.length === 0,
  }
}

function greatest(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined)
  return known.length > 0 ? Math.max(...known) : null
}

type Figure = (result: LoadResult) => number | null | undefined

const FIGURES = {
  messagesPerSecond: (result: LoadResult) => result.messagesPerSecond,
  cpuPerMessage,
  clientPerMessage: ({ client }: LoadResult) => client.cpuPerMessage,
}

/**
 * The CPU time of a message without the work that the hog has asked for, which is the same in every
 * model: see `burn` in LoadShape.
 */
function cpuPerMessage({ server, asked, seconds, messages }: LoadResult): number | null {
  if (!server?.cpuSeconds || !asked?.burn || messages === 0) return server?.cpuPerMessage ?? null
  const burnt = (asked.burn / 1000) * HOGGING * seconds
  return (Math.max(0, server.cpuSeconds - burnt) * 1e6) / messages
}

/** The median of a figure with its interval; null if no round has it. */
export function spread(cell: Cell, figure: keyof typeof FIGURES): Estimate | null {
  return estimate(cell.rounds.map((outcome) => figureOf(outcome, FIGURES[figure])))
}

/**
 * CPU per message of a cell, divided by that of another cell in the same round: the median over all
 * rounds. A machine that is slow for a while does not change the ratio. Null if no round has both.
 *
 * @param figure of `cell`: the CPU of its server, or that of its load generator
 */
export function cpuRatio(
  cell: Cell,
  other: Cell,
  figure: 'cpuPerMessage' | 'clientPerMessage' = 'cpuPerMessage',
): Estimate | null {
  const ratios = cell.rounds.map((outcome, round) => {
    const mine = figureOf(outcome, FIGURES[figure])
    const its = figureOf(other.rounds[round], FIGURES.cpuPerMessage)
    return mine && its ? mine / its : null
  })
  return estimate(ratios)
}

/** Undefined if the round was not measured, or not while the machine was our own. */
export function calmResultOf(outcome: Outcome | undefined): LoadResult | undefined {
  return outcome && !isCrowded(outcome) ? resultOf(outcome) : undefined
}

/** Undefined if the round was not measured. */
export function resultOf(outcome: Outcome | undefined): LoadResult | undefined {
  return outcome?.kind === 'measured' ? outcome.result : undefined
}

function figureOf(outcome: Outcome | undefined, figure: Figure): number | null {
  const result = calmResultOf(outcome)
  return (result && figure(result)) ?? null
}
