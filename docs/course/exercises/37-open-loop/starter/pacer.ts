/** Sends messages on one connection. While its server stands still, it stands still as well. */

export interface Connection {
  /** Sends message 0, 1, 2, …: one at a time, the next one only when the reply has come. */
  send(message: number): void
}

/** All times are in milliseconds of one clock. */
export class Pacer {
  readonly #step: number
  readonly #connection: Connection
  /** When the next message is due. */
  #next = 0
  /** When the last one was sent. */
  #began = 0
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
    this.#next = now
  }

  /** Sends what is due and can be sent. Returns when the next message is due that has not been sent. */
  tick(now: number): number {
    if (this.#sent === this.#replies && this.#next <= now) {
      this.#sent += 1
      this.#began = now
      this.#next = now + this.#step
      this.#connection.send(this.#sent - 1)
    }
    return this.#next
  }

  /** The reply to the message in flight has come. */
  replied(now: number): void {
    this.latencies.push(now - this.#began)
    this.#replies += 1
  }

  /** The run is over. What was due and has no reply has taken this long at least. */
  finish(_now: number): void {}
}
