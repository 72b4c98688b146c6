/** What `burst` found out: the object that `--json` prints, and how it is shown to people. */
import type { Target } from '../command.ts'
import { type Latency, latencyText } from '../latency.ts'
import { errorsText } from '../load/result.ts'
import { amount, type Row } from '../terminal.ts'

export interface BurstSettings extends Target {
  readonly clients: number
  readonly messages: number
  /** Seconds, after each message. */
  readonly pause: number
  /** Seconds for all together. */
  readonly timeout: number
}

export interface BurstResult {
  readonly asked: BurstSettings
  /** The clients, each in one of four states. */
  readonly complete: number
  readonly failed: number
  /** Had some replies, not yet all, when the time was over. */
  readonly inProgress: number
  /** Had no reply at all when the time was over. */
  readonly waiting: number
  /** Replies that came complete and right. */
  readonly messages: number
  /** From the start of the first client to the end of the last. */
  readonly seconds: number
  /**
   * The longest that a client waited for its first reply, in seconds from the start; null if none
   * had one.
   */
  readonly slowestFirstReply: number | null
  /** Clients that had no reply before another had had all of its own. */
  readonly waitedForOthers: number
  /**
   * How long all clients would take at the pace of those that are complete, in seconds; null if
   * none is.
   */
  readonly estimate: number | null
  readonly latency: Latency | null
  /** Failures by kind: `wrong reply`, or the system's name, such as `ECONNRESET`. */
  readonly errors: Record<string, number>
  /** The first failure, in words. */
  readonly firstFailure: string | null
}

export function burstRows(result: BurstResult): Row[] {
  const { asked, complete, failed, inProgress, waiting, slowestFirstReply, latency } = result
  const clients = [`${complete} of ${asked.clients} complete`, `${failed} failed`]
  if (inProgress + waiting > 0) clients.push(`${inProgress} in progress`, `${waiting} waiting`)
  const due = asked.clients * asked.messages
  const rows: Row[] = [
    ['clients', clients.join(', ')],
    ['messages', `${amount(result.messages)} of ${amount(due)} answered, every byte checked`],
    ['wall time', `${result.seconds.toFixed(2)} s`],
  ]
  if (slowestFirstReply !== null) {
    rows.push([
      'first reply',
      `${slowestFirstReply.toFixed(3)} s for the client that waited longest`,
    ])
  }
  if (latency) rows.push(['latency', latencyText(latency)])
  rows.push(['errors', errorsText(result.errors)])
  return rows
}

/**
 * What the figures say about the server, in a sentence; nothing if clients did not wait for each
 * other.
 */
export function verdict(result: BurstResult): string | undefined {
  const { asked, waitedForOthers, complete, estimate } = result
  if (waitedForOthers === 0) return undefined
  const waited =
    `${waitedForOthers} clients had to wait until others had finished: ` +
    'the server does not serve all at the same time.'
  if (estimate === null || complete === asked.clients) return waited
  return `${waited} At this pace all ${asked.clients} would take about ${duration(estimate)}.`
}

/** `45 s`, `17 minutes`. */
function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} minutes`
}
