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
  #skipped = 0
  #sent = 0
  #replies = 0
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
    if (this.#sent === this.#replies && this.#due(this.#sent + this.#skipped) <= now) {
      this.#sent += 1
      this.#connection.send(this.#sent - 1)
    }
    return this.#due(this.#sent + this.#skipped)
  }

  /** The reply to the message in flight has come. */
  replied(now: number): void {
    this.latencies.push(now - this.#due(this.#replies + this.#skipped))
    this.#replies += 1
    // What could not be sent in time is not sent any more.
    while (this.#due(this.#sent + this.#skipped) < now) this.#skipped += 1
  }

  /** The run is over. What was due and has no reply has taken this long at least. */
  finish(now: number): void {
    for (let n = this.#replies + this.#skipped; this.#due(n) <= now; n++) {
      this.latencies.push(now - this.#due(n))
    }
  }

  #due(message: number): number {
    return this.#start + message * this.#step
  }
}
