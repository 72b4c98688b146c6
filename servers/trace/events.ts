/**
 * What a trace is made of: lines of the Trace Event Format, which Perfetto and chrome://tracing open.
 * Google, "Trace Event Format": a span is a pair of `B` and `E` on one lane, or one `X` with its
 * duration; `i` is an instant, and `M` names a lane. Times are in microseconds.
 *
 * A lane is a process number and a thread number. The threads of the server have their own; each
 * connection is a lane of a process that does not exist, whose name is `clients`.
 */

export interface Lane {
  readonly pid: number
  readonly tid: number
}

/** Linux has no process with this number: see PID_MAX_LIMIT in proc(5). */
export const CLIENTS = 2 ** 22 + 1

/**
 * What a thread of the server does, as the category of its events: it sleeps in a call until there is
 * something to do; it makes a call that doesn't wait; a session works on what a client has sent; a
 * green thread runs.
 */
export type Category = 'wait' | 'call' | 'handler' | 'green thread' | 'client'

/**
 * What a connection is in the middle of, as far as the server knows: accepted, but there is no place
 * for it; the client has nothing to ask; the server was told that bytes have come, and has not read
 * them; it is served; the kernel has not taken all of its reply.
 */
export type ClientState = 'no place' | 'thinking' | 'ready' | 'served' | 'owed bytes'

export interface TraceEvent extends Lane {
  readonly name: string
  readonly cat?: Category
  readonly ph: 'B' | 'E' | 'X' | 'i' | 'M'
  readonly ts: number
  readonly dur?: number
  /** The scope of an instant: its lane. */
  readonly s?: 't'
  readonly args?: Details
}

/** What is known about an event. `client` is the port of the client, `at` a line of the source
 * (until the trace is complete: the number of a stack). */
export interface Details {
  readonly client?: number | undefined
  readonly at?: string | number | undefined
  readonly [name: string]: unknown
}

/** Microseconds on the clock that all threads and processes of a machine share: CLOCK_MONOTONIC. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
