/**
 * A pace decides when a connection sends its next message. There are four, and the choice decides
 * what the latencies of a load mean: see docs/clients.md.
 *
 * The calls of a pace: `start → (send | replied)* → last*`. `send` is called again and again while
 * the load lasts. All times are in milliseconds, of `performance.now()`.
 */
import type { Party } from './engine.ts'

// #region Pace
export interface Pace {
  /** The load begins on these links, which are all open. */
  start(links: readonly PacedLink[], now: number): void
  /** `count` complete replies have come on `link`. */
  replied(link: PacedLink, count: number, now: number): void
  /**
   * Sends what is due, or a part of it: the sockets are looked at between two calls. Returns the
   * time of the next call, which may have passed; Infinity if a reply must come first.
   */
  send(now: number): number
  /** For this time, in milliseconds until now, nothing could be sent: nothing was due then. */
  paused?(milliseconds: number): void
  /** The load is over, and the last reply for `link` has come. */
  last?(link: PacedLink): void
}

/** A connection of the load generator, as a pace sees it. */
export interface PacedLink extends Party {
  /** Messages sent. */
  readonly sent: number
  /** Complete replies. */
  readonly replies: number
  /** Sends the next `count` messages, which should have been sent at the time `due`. */
  begin(count: number, now: number, due?: number): void
  /** Closes the connection; the next one of this link sends one message as soon as it is open. */
  renew(now: number): void
  close(): void
}
// #endregion Pace

/** Each reply is followed by the next message: this finds the highest rate of a server. */
export class ClosedLoop implements Pace {
  readonly #depth: number

  /** @param depth messages that each connection has in flight */
  constructor(depth: number) {
    this.#depth = depth
  }

  start(links: readonly PacedLink[], now: number): void {
    for (const link of links) link.begin(this.#depth, now)
  }

  replied(link: PacedLink, count: number, now: number): void {
    link.begin(count, now)
  }

  send(): number {
    return Number.POSITIVE_INFINITY
  }
}

/** A closed loop with a rest after each reply, like users who read it before they go on. */
export class ThinkTime implements Pace {
  readonly #rest: number
  /** In the order in which their rests end, since all rests are equally long. */
  #resting: { readonly link: PacedLink; readonly until: number }[] = []

  /** @param seconds from a reply to the next message */
  constructor(seconds: number) {
    this.#rest = seconds * 1000
  }

  start(links: readonly PacedLink[], now: number): void {
    for (const link of links) link.begin(1, now)
  }

  replied(link: PacedLink, _count: number, now: number): void {
    this.#resting.push({ link, until: now + this.#rest })
  }

  send(now: number): number {
    const done = this.#resting.findIndex(({ until }) => until > now)
    const count = done === -1 ? this.#resting.length : done
    for (const { link } of this.#resting.slice(0, count)) {
      if (link.state === 'open') link.begin(1, now)
    }
    this.#resting = this.#resting.slice(count)
    return this.#resting[0]?.until ?? Number.POSITIVE_INFINITY
  }
}

/**
 * What a constant rate does in one call, in which no reply is read and the clock stands still: the
 * connections that it sends on, and the messages that it gets round to. Either takes about a tenth
 * of a millisecond.
 */
const BATCH = 10
const GLANCES = 1000

/**
 * An open loop: message `n` is due at `n / rate` seconds, on the connections in turn, whatever
 * became of the messages before it. If its connection still waits for a reply then, the message is
 * sent as soon as that reply has come. Its latency counts from when it was due, since a user who
 * waits in a queue waits, too.
 *
 * A message can be sent late for two reasons. The wait for the reply is the server's fault. The
 * time from when the message is due until `send` gets round to it, and sends it or finds that its
 * connection still waits, is the generator's: its lateness.
 */
export class ConstantRate implements Pace {
  /** Milliseconds from one message to the next, over all connections. */
  readonly #step: number
  readonly #depth: number
  #links: readonly PacedLink[] = []
  /** Each link's index in `#links`, and how many messages it had sent before the start. */
  #places = new Map<PacedLink, { readonly place: number; readonly before: number }>()
  #start = 0
  /** Messages that `send` has got round to. */
  #due = 0
  readonly #late: (milliseconds: number) => void

  /**
   * @param perSecond messages, over all connections together
   * @param late told the generator's lateness for each message, sent or not
   */
  constructor(perSecond: number, depth: number, late: (milliseconds: number) => void = () => {}) {
    this.#step = 1000 / perSecond
    this.#depth = depth
    this.#late = late
  }

  start(links: readonly PacedLink[], now: number): void {
    this.#links = links
    this.#places = new Map(links.map((link, place) => [link, { place, before: link.sent }]))
    this.#start = now
  }

  replied(link: PacedLink, _count: number, now: number): void {
    this.#sendOwed(link, now)
  }

  send(now: number): number {
    if (this.#links.length === 0) return Number.POSITIVE_INFINITY
    const most = this.#due + GLANCES
    let sent = 0
    while (sent < BATCH && this.#due < most && this.#timeOf(this.#due) <= now) {
      this.#late(now - this.#timeOf(this.#due))
      const link = this.#links[this.#due % this.#links.length]!
      this.#due += 1
      if (link.state === 'open' && this.#sendOwed(link, now)) sent += 1
    }
    return this.#timeOf(this.#due)
  }

  paused(milliseconds: number): void {
    this.#start += milliseconds
  }

  /** Sends what `send` has got round to on this connection, as far as its depth allows. */
  #sendOwed(link: PacedLink, now: number): boolean {
    const { place, before } = this.#places.get(link)!
    const count = this.#links.length
    const owed = before + Math.ceil((this.#due - place) / count)
    const first = link.sent
    while (link.sent < owed && link.sent - link.replies < this.#depth) {
      link.begin(1, now, this.#timeOf(place + (link.sent - before) * count))
    }
    return link.sent > first
  }

  #timeOf(message: number): number {
    return this.#start + message * this.#step
  }
}

/** A connection for each message: after its reply, a new connection takes its place. */
export class Churn implements Pace {
  readonly #connect: (link: Party) => void

  /** @param connect starts a new connection for the link */
  constructor(connect: (link: Party) => void) {
    this.#connect = connect
  }

  start(links: readonly PacedLink[], now: number): void {
    for (const link of links) link.begin(1, now)
  }

  replied(link: PacedLink, _count: number, now: number): void {
    link.renew(now)
    this.#connect(link)
  }

  send(): number {
    return Number.POSITIVE_INFINITY
  }

  /** A server with few places serves the connections that still wait once this one is closed. */
  last(link: PacedLink): void {
    link.close()
  }
}
