/** What `load` found out: the object that `--json` prints, and how it is shown to people. */
import { type Difference, describeDifference } from '../difference.ts'
import type { Protocol } from '../due-reply.ts'
import { type Latency, latencyText } from '../latency.ts'
import { amount, bytes, type Row } from '../terminal.ts'

// #region LoadResult
export interface LoadResult {
  /** The run as it was asked for. Times are in seconds. */
  readonly asked: LoadSettings
  /** Which of its numbers a message of this size carries, in words. */
  readonly carries: string
  /** How many of the asked connections were opened. */
  readonly connected: number
  /** From the first connect until the last had ended, in seconds, the idle connections included. */
  readonly connectSeconds: number
  /** The length of the measured window. All figures below, until `idle`, are of this window. */
  readonly seconds: number
  /** Replies that came complete and right. */
  readonly messages: number
  readonly messagesPerSecond: number
  /** Bytes of the messages sent. */
  readonly bytesSent: number
  /** Bytes of the replies received, each of them checked. */
  readonly bytesReceived: number
  /**
   * From just before the send of a message until its reply was checked; with --rate from the time at
   * which it was due, however late it was sent. Null if there was none.
   */
  readonly latency: Latency | null
  /** With --rate, from just before the send: what a closed loop would have noted. Null without. */
  readonly sinceSent: Latency | null
  /**
   * Jain's index over the connections that talk, by their replies: 1 if all had as many, 1/n if one
   * had all. Null if there was no reply.
   */
  readonly fairness: number | null
  readonly client: Usage
  /** With --pid; null without. */
  readonly server: ServerUsage | null
  /**
   * Silent connections: how many were asked for, and how many answered a message after the window.
   */
  readonly idle: { readonly asked: number; readonly alive: number }
  /** Connections that were lost in the whole run, by kind; see {@link ErrorKind}. */
  readonly errors: Record<ErrorKind, number>
  /** The first reply that was not what was due. It makes the run void: its figures mean nothing. */
  readonly mismatch: Mismatch | null
}
// #endregion LoadResult

// #region LoadShape
/** What is asked of a server, whatever it speaks and wherever it is. */
export interface LoadShape {
  /** Connections that talk. */
  readonly connections: number
  /** Further connections, open and silent. */
  readonly idle: number
  /** Further peers that send without end and never read. */
  readonly deaf: number
  /** Milliseconds of CPU that one more connection asks for, ten times a second; 0: there is none. */
  readonly burn: number
  /** Bytes of a message, its newline included. */
  readonly size: number
  /** Messages that each connection has in flight. */
  readonly depth: number
  /** Seconds from a reply to the connection's next message. */
  readonly pause: number
  /**
   * Messages per second, over all connections together, each sent at its time whatever became of
   * those before: an open loop. 0: a connection sends when a reply has come, a closed loop.
   */
  readonly rate: number
  /** Each message has a connection of its own. */
  readonly churn: boolean
}
// #endregion LoadShape

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
  /** CPU time of all threads; null if it can't be measured here. */
  readonly cpuSeconds: number | null
  /** Microseconds; null too if there was no message. */
  readonly cpuPerMessage: number | null
}

export interface ServerUsage extends Usage {
  readonly pid: number
  /** Bytes in RAM before the first connection; null if it can't be measured here. */
  readonly residentBefore: number | null
  /** Bytes in RAM at the end of the window, with all connections open. */
  readonly residentAfter: number | null
  /** At the end of the window, of all its processes. */
  readonly threads: number | null
  readonly descriptors: number | null
  /** Counted for a while after the window, with --count-system-calls; null without. */
  readonly systemCallsPerMessage: number | null
}

/**
 * `refused`: nobody listens. `connect timeout`: no answer to the connect within --stall. `closed`:
 * the server's FIN before the end. `reset`. `stalled`: a message in flight and not a byte for
 * --stall seconds. Others are the system's own names, such as `EHOSTUNREACH`.
 */
export type ErrorKind = string

/** Where the reply differs, its place in the reply, and the bytes: see {@link Difference}. */
export interface Mismatch extends Difference {
  readonly connection: number
  /** Of the message whose reply is wrong, from 0; also the number of right replies before it. */
  readonly sequence: number
}

/** A run has failed if a reply was wrong, or if there was not one success. */
export function hasFailed({ asked, messages, idle, mismatch }: LoadResult): boolean {
  const successes = asked.connections > 0 ? messages : idle.alive
  return mismatch !== null || successes === 0
}

export function describeMismatch({ connection, sequence, ...where }: Mismatch): string {
  const which = `connection ${connection} to message ${sequence}`
  return `wrong reply on ${which}: ${describeDifference(where)}`
}

/** The rows of the result table: only what was measured. */
export function loadRows(result: LoadResult): Row[] {
  const { asked, messages, seconds, latency, sinceSent, server, idle } = result
  const rows: Row[] = [
    ['connections', `${result.connected} of ${askedFor(asked)} open`],
    ['connecting', `${result.connectSeconds.toFixed(3)} s`],
    ['messages', `${amount(messages)} in ${seconds.toFixed(2)} s`],
    ['rate', `${amount(result.messagesPerSecond)} messages/s`],
    ['bytes', `${bytes(result.bytesSent)} sent, ${bytes(result.bytesReceived)} received`],
    ['checked', `every byte; messages carry ${result.carries}`],
  ]
  if (latency) rows.push(['latency', latencyText(latency)])
  if (sinceSent) rows.push(['since sent', latencyText(sinceSent)])
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
