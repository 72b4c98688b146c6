/** The result of `load`: the object that `--json` prints, and the rows of its table. */
import { type Difference, describeDifference } from '../difference.ts'
import type { Protocol } from '../due-reply.ts'
import { type Latency, latencyText } from '../latency.ts'
import { amount, bytes, type Row } from '../terminal.ts'

// #region LoadResult
export interface LoadResult {
  /** The run as it was asked for. Times are in seconds. */
  readonly asked: LoadSettings
  /** Which numbers a message of this size carries, in words. */
  readonly carries: string
  /** Connections that were opened. */
  readonly connected: number
  /** From the first connect to the end of the last, in seconds; idle connections included. */
  readonly connectSeconds: number
  /** The length of the measured window. All figures from here to `server` are of this window. */
  readonly seconds: number
  /** Replies that came complete and right. */
  readonly messages: number
  readonly messagesPerSecond: number
  /** Bytes of the messages sent. */
  readonly bytesSent: number
  /** Bytes of the replies received, each of them checked. */
  readonly bytesReceived: number
  /**
   * From just before the send of a message until its reply was checked; with --rate, from the time
   * at which the message was due, however late it was sent. Null if there was no reply.
   */
  readonly latency: Latency | null
  /** With --rate, from just before the send, as a closed loop measures it. Null without --rate. */
  readonly sinceSent: Latency | null
  /**
   * With --rate, from the time at which a message was due until the generator got round to it: how
   * late it was sent if its connection did not wait for a reply. Null without --rate.
   */
  readonly lateness: Latency | null
  /**
   * With --rate, the share of the messages asked for in the window that were sent and answered in
   * it: 1 for all. Null without --rate, or if no connection talks.
   */
  readonly achieved: number | null
  /**
   * Jain's index over the connections that talk, by their replies: 1 if all of them had the same
   * number, 1/n if one had all. Null if there was no reply.
   */
  readonly fairness: number | null
  readonly client: Usage
  /** Null without --pid. */
  readonly server: ServerUsage | null
  /** What else the machine did in the window; null without --pid, or if the machine doesn't say. */
  readonly machine: Contention | null
  /** Idle connections: how many were asked for, and how many had a reply after the window. */
  readonly idle: { readonly asked: number; readonly alive: number }
  /** Connections lost in the whole run, by kind; see {@link ErrorKind}. */
  readonly errors: Record<ErrorKind, number>
  /** The first wrong reply; null if none was. With one, the figures of the run mean nothing. */
  readonly mismatch: Mismatch | null
  /** Reasons to doubt the figures, in words. */
  readonly warnings: readonly string[]
}
// #endregion LoadResult

// #region LoadShape
/** A load without the server: neither its protocol nor its address. */
export interface LoadShape {
  /** Connections that talk. */
  readonly connections: number
  /** Further connections, open and idle. */
  readonly idle: number
  /** Further peers that send without end and never read. */
  readonly deaf: number
  /** Milliseconds of CPU time that one more connection asks for, ten times a second; 0 for none. */
  readonly burn: number
  /** Bytes of a message, its newline included. */
  readonly size: number
  /** Messages that each connection has in flight. */
  readonly depth: number
  /** Seconds from a reply to the connection's next message. */
  readonly pause: number
  /**
   * Messages per second, over all connections together. Each is sent at its time, whatever became
   * of the messages before it: an open loop. 0: each connection waits for its reply, a closed loop.
   */
  readonly rate: number
  /** Each message has a connection of its own. */
  readonly churn: boolean
}
// #endregion LoadShape

/** The messages of the hog per second: see `burn`. */
export const HOGGING = 10

export interface LoadSettings extends LoadShape {
  readonly host: string
  readonly port: number
  readonly protocol: Protocol
  readonly duration: number
  readonly warmup: number
  readonly stall: number
  readonly io: 'libc' | 'node'
}

export interface Usage {
  /** CPU time of all threads; null if this machine can't measure it. */
  readonly cpuSeconds: number | null
  /** Microseconds; null also if there was no message. */
  readonly cpuPerMessage: number | null
}

export interface ServerUsage extends Usage {
  readonly pid: number
  /** Bytes in RAM before the first connection; null if this machine can't measure them. */
  readonly residentBefore: number | null
  /** Bytes in RAM at the end of the window, with all connections open. */
  readonly residentAfter: number | null
  /**
   * Bytes in RAM that each idle connection has added, from before the first of them was opened to
   * after the last, without any message in between. The kernel's memory for a socket is not in it.
   * Null without --idle.
   */
  readonly residentPerIdle: number | null
  /** At the end of the window, over all processes of the server. */
  readonly threads: number | null
  readonly descriptors: number | null
  /** Counted after the window, for 0.3 seconds. Null without --count-system-calls. */
  readonly systemCallsPerMessage: number | null
}

/** What kept the two sides from running at once. All are seconds of the window. */
export interface Contention {
  /** The generator's threads were ready to run and had no CPU. */
  readonly clientWaited: number
  /** The server's threads, all together; those of a server with many also wait for each other. */
  readonly serverWaited: number
  /** CPU time of all other processes, on all cores. */
  readonly othersUsed: number
  /** CPU time that the hypervisor took for other machines. */
  readonly stolen: number
}

/**
 * Why a connection was lost. `refused`: no server listens. `connect timeout`: no answer to the
 * connect within --stall seconds. `closed`: the server sent its FIN too early. `reset`: the server
 * sent an RST. `stalled`: a message was in flight, and no byte came for --stall seconds. All others
 * are the system's names, such as `EHOSTUNREACH`.
 */
export type ErrorKind = string

/** A wrong reply: which one, and where its first wrong byte is. */
export interface Mismatch extends Difference {
  readonly connection: number
  /** The number of the message on its connection, from 0: the replies before it were right. */
  readonly sequence: number
}

/** A run has failed if a reply was wrong, or if it had no success at all. */
export function hasFailed({ asked, messages, idle, mismatch }: LoadResult): boolean {
  const successes = asked.connections > 0 ? messages : idle.alive
  return mismatch !== null || successes === 0
}

/** The share of the asked rate that an open loop must achieve. */
const ENOUGH = 0.99
/** What is due at the very end of the window may have its reply after it: seconds. */
const CUT_OFF = 0.01
/** From this share of the latency on, the lateness is the larger part of it. */
const LATE_SHARE = 0.5
/** From this lateness on, in microseconds, it shows in any latency. */
const LATE = 1000

type Figures = Omit<LoadResult, 'achieved' | 'warnings'>

export function achieved({ asked, messages, seconds }: Figures): number | null {
  if (asked.rate === 0 || asked.connections === 0) return null
  return seconds > 0 ? Math.min(1, messages / (asked.rate * seconds)) : 0
}

/** Whether an open loop was not open: less than 99 % of the asked messages had their reply. */
export function missedRate({ asked, achieved, messages, seconds }: LoadResult): boolean {
  if (achieved === null || achieved >= ENOUGH) return false
  // In a short or slow window, one per cent is less than what its ends cut off.
  return messages + 1 < asked.rate * (seconds - CUT_OFF)
}

export function describeAchieved(result: LoadResult): string {
  const { asked, messagesPerSecond } = result
  const share = `${(100 * (result.achieved ?? 0)).toFixed(1)} %`
  return `${share} of the asked rate: ${amount(messagesPerSecond)} of ${amount(asked.rate)} messages/s`
}

export function warnings({ latency, lateness }: Figures): string[] {
  if (!latency || !lateness) return []
  const [late, all] = [lateness.p99, latency.p99]
  if (late > LATE_SHARE * all) {
    return [
      `the latency is the generator's own: p99 ${amount(late)} of ${amount(all)} µs is its lateness`,
    ]
  }
  return late > LATE ? [`the generator itself was late: p99 ${amount(late)} µs of the latency`] : []
}

export function describeMismatch({ connection, sequence, ...where }: Mismatch): string {
  const which = `connection ${connection} to message ${sequence}`
  return `wrong reply on ${which}: ${describeDifference(where)}`
}

/** The rows of the result table. A figure that was not measured has no row. */
export function loadRows(result: LoadResult): Row[] {
  const { asked, messages, seconds, latency, sinceSent, lateness, server, idle } = result
  const rows: Row[] = [
    ['connections', `${result.connected} of ${askedFor(asked)} open`],
    ['connecting', `${result.connectSeconds.toFixed(3)} s`],
    ['messages', `${amount(messages)} in ${seconds.toFixed(2)} s`],
    ['rate', `${amount(result.messagesPerSecond)} messages/s`],
    ...(result.achieved === null ? [] : [['achieved', describeAchieved(result)] as const]),
    ['bytes', `${bytes(result.bytesSent)} sent, ${bytes(result.bytesReceived)} received`],
    ['checked', `every byte; messages carry ${result.carries}`],
  ]
  if (latency) rows.push(['latency', latencyText(latency)])
  if (sinceSent) rows.push(['since sent', latencyText(sinceSent)])
  if (lateness) rows.push(['lateness', latencyText(lateness)])
  rows.push(['generator', usageText(result.client, seconds)])
  if (server) rows.push(['server', `${usageText(server, seconds)}, ${memoryText(server)}`])
  if (idle.asked > 0) rows.push(['idle', `${idle.alive} of ${idle.asked} alive at the end`])
  rows.push(['errors', errorsText(result.errors)])
  return rows
}

function askedFor({ connections, idle, deaf, burn }: LoadSettings): number {
  return connections + idle + deaf + (burn > 0 ? 1 : 0)
}

/** `3 refused, 1 reset`, or `none`. */
export function errorsText(errors: Record<ErrorKind, number>): string {
  const kinds = Object.entries(errors).map(([kind, count]) => `${count} ${kind}`)
  return kinds.length === 0 ? 'none' : kinds.join(', ')
}

function usageText({ cpuSeconds, cpuPerMessage }: Usage, seconds: number): string {
  if (cpuSeconds === null) return 'CPU time unknown on this machine'
  const share = seconds > 0 ? `${Math.round((100 * cpuSeconds) / seconds)} % of a CPU` : 'no time'
  return cpuPerMessage === null ? share : `${cpuPerMessage.toFixed(2)} µs CPU/message, ${share}`
}

function memoryText({ residentBefore, residentAfter }: ServerUsage): string {
  if (residentBefore === null || residentAfter === null) return 'memory unknown on this machine'
  return `memory ${bytes(residentBefore)} before, ${bytes(residentAfter)} at the end`
}
