/** The result of `burst`: the object that `--json` prints, and the rows of its table. */
import type { Target } from '../command.ts'
import { type Latency, latencyText } from '../latency.ts'
import { errorsText } from '../load/result.ts'
import { amount, type Row } from '../terminal.ts'

export interface BurstSettings extends Target {
  readonly clients: number
  readonly messages: number
  /** Seconds after each message. */
  readonly pause: number
  /** Seconds for all together. */
  readonly timeout: number
}

export interface BurstResult {
  readonly asked: BurstSettings
  /** The numbers of clients in each of the four states; `complete`: the client had all replies. */
  readonly complete: number
  readonly failed: number
  /** Clients that had some replies, but not all, when the time was over. */
  readonly inProgress: number
  /** Clients that had no reply when the time was over. */
  readonly waiting: number
  /** Replies that came complete and right. */
  readonly messages: number
  /** From the start of all clients to the end of the last. */
  readonly seconds: number
  /** Seconds from the start to the last first reply of a client; null if no client had a reply. */
  readonly slowestFirstReply: number | null
  /** Clients that had no reply yet when another client already had all of its replies. */
  readonly waitedForOthers: number
  /** Seconds that all would take at the pace of the complete ones; null if none is complete. */
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

/** A sentence about the server; undefined if no client had to wait for another. */
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
