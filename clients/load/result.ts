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

export function describeMismatch({ connection, sequence, ...where }: Mismatch): string {
  const which = `connection ${connection} to message ${sequence}`
  return `wrong reply on ${which}: ${describeDifference(where)}`
}

/** The rows of the result table. A figure that was not measured has no row. */
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
