/** The sums of a load run, over all its connections. */
import { LatencyHistogram } from '../latency.ts'
import type { ErrorKind, Mismatch } from './result.ts'

export class Tally {
  /** Connects under way. */
  connecting = 0
  /** Links and deaf peers that have been open; a renewed link counts once. */
  connected = 0
  /** Links that are part of the figures and not closed. */
  talking = 0
  /** Links with a message in flight. */
  busy = 0
  /** True while the load lasts: paces may send. */
  pumping = false
  /** True during the window. */
  measuring = false
  /** Of the messages in the window, from the time at which they were due. */
  readonly latency = new LatencyHistogram()
  /** From the time at which they were sent; undefined in a closed loop, where both are the same. */
  readonly sinceSent: LatencyHistogram | undefined
  /** How late the generator got round to the messages; undefined in a closed loop. */
  readonly lateness: LatencyHistogram | undefined
  /** Complete replies in the window. */
  messages = 0
  /** Complete replies in the whole run. */
  replies = 0
  /** Bytes in the window. */
  sent = 0
  received = 0
  readonly errors: Record<ErrorKind, number> = {}
  /** The first wrong reply. */
  mismatch: Mismatch | null = null
  /** The errno's name if this machine is out of descriptors, ports or memory: see RUN_OUT. */
  runOut: string | undefined

  constructor(isOpenLoop: boolean) {
    this.sinceSent = isOpenLoop ? new LatencyHistogram() : undefined
    this.lateness = isOpenLoop ? new LatencyHistogram() : undefined
  }

  /** True when the run must end early. */
  get over(): boolean {
    return this.mismatch !== null || this.runOut !== undefined
  }

  /** Counts a complete and right reply in the window; the times are in milliseconds. */
  reply(sinceDue: number, sinceSent: number): void {
    this.messages += 1
    this.latency.record(sinceDue)
    this.sinceSent?.record(sinceSent)
  }

  /** The generator got round to a message this long after it was due. */
  late(milliseconds: number): void {
    if (this.measuring) this.lateness?.record(milliseconds)
  }

  transferred(sent: number, received: number): void {
    if (!this.measuring) return
    this.sent += sent
    this.received += received
  }

  error(kind: ErrorKind): void {
    this.errors[kind] = (this.errors[kind] ?? 0) + 1
  }
}
