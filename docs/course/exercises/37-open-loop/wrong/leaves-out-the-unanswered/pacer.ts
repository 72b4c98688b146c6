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
    if (this.#sent === this.#replies && this.#due(this.#sent) <= now) {
      this.#sent += 1
      this.#connection.send(this.#sent - 1)
    }
    return this.#due(this.#sent)
  }

  /** The reply to the message in flight has come. */
  replied(now: number): void {
    // A user who waits in a queue waits, too: the time counts from when the message was due.
    this.latencies.push(now - this.#due(this.#replies))
    this.#replies += 1
    this.tick(now)
  }

  /** The run is over. What was due and has no reply has taken this long at least. */
  finish(_now: number): void {
    this.#replies = this.#sent
  }

  #due(message: number): number {
    return this.#start + message * this.#step
  }
}
