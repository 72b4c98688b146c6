/** The sums of a load run, over all its connections. */
import { LatencyHistogram } from '../latency.ts'
import type { ErrorKind, Mismatch } from './result.ts'

export class Tally {
  /** Links that are being connected. */
  connecting = 0
  /** Links that have been connected, once. */
  connected = 0
  /** Links that count in the figures and are not closed. */
  talking = 0
  /** Links with a message in flight. */
  busy = 0
  /** Whether a complete reply is followed by the next message. */
  pumping = false
  /** Whether the window is open. */
  measuring = false
  /** Of the messages in the window: from when they were due. */
  readonly latency = new LatencyHistogram()
  /** From when they were sent; undefined in a closed loop, where that is the same. */
  readonly sinceSent: LatencyHistogram | undefined
  /** Complete replies in the window, and in the whole run. */
  messages = 0
  replies = 0
  /** Bytes in the window. */
  sent = 0
  received = 0
  readonly errors: Record<ErrorKind, number> = {}
  /** The first wrong reply. */
  mismatch: Mismatch | null = null
  /** The errno's name, if this machine has run out of something. */
  runOut: string | undefined

  constructor(isOpenLoop: boolean) {
    this.sinceSent = isOpenLoop ? new LatencyHistogram() : undefined
  }

  /** True when going on has no sense. */
  get over(): boolean {
    return this.mismatch !== null || this.runOut !== undefined
  }

  /** A reply has come in the window, complete and right; the times are in milliseconds. */
  reply(sinceDue: number, sinceSent: number): void {
    this.messages += 1
    this.latency.record(sinceDue)
    this.sinceSent?.record(sinceSent)
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
