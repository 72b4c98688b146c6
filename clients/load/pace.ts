/**
 * When a connection sends its next message: four answers to one question. Which of them a load
 * takes decides what its latencies mean; docs/clients.md says how.
 *
 * Their calls: `start → (send | replied)* → last*`. `send` comes again and again while the load
 * lasts.
 */
import type { Link } from './link.ts'

// #region Pace
export interface Pace {
  /** The load begins. `links` may have lost some on the way. */
  start(links: readonly Link[], now: number): void
  /** `count` complete replies have come on `link`. */
  replied(link: Link, count: number, now: number): void
  /** Sends what is due. Returns when to be asked again: Infinity if a reply must come first. */
  send(now: number): number
  /** The load is over, and what `link` has waited for has come. */
  last?(link: Link): void
}
// #endregion Pace

/** The next message goes when a reply has come: it finds what a server can do at most. */
export class ClosedLoop implements Pace {
  readonly #depth: number

  /** @param depth messages that each connection has in flight */
  constructor(depth: number) {
    this.#depth = depth
  }

  start(links: readonly Link[], now: number): void {
    for (const link of links) link.begin(this.#depth, now)
  }

  replied(link: Link, count: number, now: number): void {
    link.begin(count, now)
  }

  send(): number {
    return Number.POSITIVE_INFINITY
  }
}

/** A closed loop with a rest after each reply, as people take it who read what they got. */
export class ThinkTime implements Pace {
  readonly #rest: number
  /** Who rests, in the order in which they will be done: all rest equally long. */
  #resting: { readonly link: Link; readonly until: number }[] = []

  /** @param seconds from a reply to the next message */
  constructor(seconds: number) {
    this.#rest = seconds * 1000
  }

  start(links: readonly Link[], now: number): void {
    for (const link of links) link.begin(1, now)
  }

  replied(link: Link, _count: number, now: number): void {
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
 * An open loop: message `n` is due at `n / rate` seconds, on the connections in turn, whatever
 * became of those before it. One that finds its connection still waiting for a reply goes as soon
 * as that has come, and its latency counts from when it was due: who waits in a queue waits, too.
 */
export class ConstantRate implements Pace {
  /** Milliseconds from one message to the next, over all connections. */
  readonly #step: number
  readonly #depth: number
  #links: readonly Link[] = []
  /** The place of each in their row, and what it had sent before. */
  #places = new Map<Link, { readonly place: number; readonly before: number }>()
  #start = 0
  /** Messages that have been due so far. */
  #due = 0

  /** @param perSecond messages, over all connections together */
  constructor(perSecond: number, depth: number) {
    this.#step = 1000 / perSecond
    this.#depth = depth
  }

  start(links: readonly Link[], now: number): void {
    this.#links = links
    this.#places = new Map(links.map((link, place) => [link, { place, before: link.sent }]))
    this.#start = now
  }

  replied(link: Link, _count: number, now: number): void {
    this.#sendOwed(link, now)
  }

  send(now: number): number {
    while (this.#timeOf(this.#due) <= now) {
      const link = this.#links[this.#due % this.#links.length]!
      this.#due += 1
      if (link.state === 'open') this.#sendOwed(link, now)
    }
    return this.#timeOf(this.#due)
  }

  /** What was due on this connection by now, as far as its depth allows. */
  #sendOwed(link: Link, now: number): void {
    const { place, before } = this.#places.get(link)!
    const count = this.#links.length
    const owed = before + Math.ceil((this.#due - place) / count)
    while (link.sent < owed && link.sent - link.replies < this.#depth) {
      link.begin(1, now, this.#timeOf(place + (link.sent - before) * count))
    }
  }

  #timeOf(message: number): number {
    return this.#start + message * this.#step
  }
}

/** A connection for each message: when its reply has come, the next connection takes its place. */
export class Churn implements Pace {
  readonly #connect: (link: Link) => void

  /** @param connect starts a connection for the link again */
  constructor(connect: (link: Link) => void) {
    this.#connect = connect
  }

  start(links: readonly Link[], now: number): void {
    for (const link of links) link.begin(1, now)
  }

  replied(link: Link, _count: number, now: number): void {
    link.renew(now)
    this.#connect(link)
  }

  send(): number {
    return Number.POSITIVE_INFINITY
  }

  /** It leaves its place to those who still wait for one. */
  last(link: Link): void {
    link.close()
  }
}
