/** Sends messages at a fixed rate on one connection, and says how long each has taken. */

export interface Connection {
  /** Sends message 0, 1, 2, …: one at a time, the next one only when the reply has come. */
  send(message: number): void
}

/** All times are in milliseconds of one clock. */
export class Pacer {
  readonly #step: number
  readonly #connection: Connection
  #start = 0
  #sent = 0
  /** When the message in flight was due, and when those behind it were. */
  #inFlight: number | undefined
  readonly #waiting: number[] = []
  #queued = 0
  /** Of each message, in order. */
  readonly latencies: number[] = []

  constructor(perSecond: number, connection: Connection) {
    this.#step = 1000 / perSecond
    this.#connection = connection
  }

  /** The first message is due now. */
  start(now: number): void {
    this.#start = now
  }

  /** Sends what is due and can be sent. Returns when the next message is due that has not been sent. */
  tick(now: number): number {
    while (this.#due(this.#queued) <= now) {
      this.#waiting.push(this.#due(this.#queued))
      this.#queued += 1
    }
    if (this.#inFlight === undefined) {
      this.#inFlight = this.#waiting.shift()
      if (this.#inFlight !== undefined) this.#connection.send(this.#sent++)
    }
    return this.#waiting[0] ?? this.#due(this.#queued)
  }

  /** The reply to the message in flight has come. */
  replied(now: number): void {
    this.latencies.push(now - this.#inFlight!)
    this.#inFlight = undefined
    this.tick(now)
  }

  /** The run is over. What was due and has no reply has taken this long at least. */
  finish(now: number): void {
    this.tick(now)
    for (const due of [this.#inFlight, ...this.#waiting]) {
      if (due !== undefined) this.latencies.push(now - due)
    }
  }

  #due(message: number): number {
    return this.#start + message * this.#step
  }
}
