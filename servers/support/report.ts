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
  /** One JSON object per line. */
  readonly json: boolean
}

/** What the Reports on the threads of one server share. */
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
    // A peer that vanishes is nothing unusual; any other error is a fault of ours, and is shown.
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
 * Writes a line to stderr at once. `console.error` would wait for the thread's event loop, to which
 * a thread that blocks doesn't return. A reader of stderr that is slow or has ended must not stop a
 * server: a line that can't be written is lost.
 */
export function writeLine(text: string): void {
  try {
    writeSync(2, `${text}\n`)
  } catch {}
}

/** True for errors that the peer or the network has caused: our SystemErrors and Node's. */
function isPeerError(error: unknown): boolean {
  if (error instanceof SystemError) return true
  return error instanceof Error && ('syscall' in error || isTlsError(error))
}

/** True if the client speaks no TLS, or another version than we do, or is too slow. */
function isTlsError(error: Error): boolean {
  return 'code' in error && /^(ERR_SSL_|ERR_TLS_|ECONNRESET$)/.test(String(error.code))
}
