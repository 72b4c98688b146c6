/**
 * What a server says about itself while it runs, from whichever thread: counters in memory that all
 * threads share, and lines on stderr.
 */
import { writeSync } from 'node:fs'
import { type Address, formatAddress, SystemError } from '../posix/api.ts'

/** The cells of the shared `Int32Array`. */
export const CELL = { closing: 0, accepted: 1, open: 2 } as const

export interface LogSettings {
  readonly verbose: boolean
  /** One JSON object a line. */
  readonly json: boolean
}

/** What Reports on several threads have in common. */
export interface ReportShare {
  readonly cells: Int32Array
  readonly log: LogSettings
}

/** The half of a Supervisor that is the same on every thread. */
export class Report {
  readonly #cells: Int32Array
  readonly #log: LogSettings

  constructor(cells: Int32Array, log: LogSettings) {
    this.#cells = cells
    this.#log = log
  }

  share(): ReportShare {
    return { cells: this.#cells, log: this.#log }
  }

  get closing(): boolean {
    return Atomics.load(this.#cells, CELL.closing) === 1
  }

  connected(peer: Address): void {
    Atomics.add(this.#cells, CELL.accepted, 1)
    Atomics.add(this.#cells, CELL.open, 1)
    if (this.#log.verbose) this.#line('connected from', peer)
  }

  disconnected(peer: Address, error?: unknown): void {
    Atomics.sub(this.#cells, CELL.open, 1)
    // A peer that vanishes is the course of things; any other error is a fault of ours, and is
    // shown.
    const isFault = error !== undefined && !isPeerError(error)
    if (this.#log.verbose || isFault) this.#line('disconnected from', peer, error)
    if (isFault && error instanceof Error) writeLine(error.stack ?? error.message)
  }

  turnedAway(peer: Address, error?: unknown): void {
    this.connected(peer)
    this.disconnected(peer, error)
  }

  #line(event: string, peer: Address, error?: unknown): void {
    const reason = error instanceof Error ? error.message : error && String(error)
    if (this.#log.json) {
      const [name] = event.split(' ')
      writeLine(JSON.stringify({ event: name, address: peer.address, port: peer.port, reason }))
    } else {
      writeLine(`${event} ${formatAddress(peer)}${reason ? `: ${reason}` : ''}`)
    }
  }
}

/**
 * A line on stderr at once. `console.error` would wait for the thread's event loop, to which a
 * thread that blocks doesn't return. A reader that is gone or slow must not stop a server: what
 * can't be written is lost.
 */
export function writeLine(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {}
}

/** Errors with which a connection ends because of its peer or the network: ours or Node's. */
function isPeerError(error: unknown): boolean {
  if (error instanceof SystemError) return true
  return error instanceof Error && ('syscall' in error || isTlsError(error))
}

/** A client that speaks no TLS, or another one than we do, or is too slow at it. */
function isTlsError(error: Error): boolean {
  return 'code' in error && /^(ERR_SSL_|ERR_TLS_|ECONNRESET$)/.test(String(error.code))
}
