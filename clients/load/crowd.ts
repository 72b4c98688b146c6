/**
 * All connections of a load run, of four kinds: talkers send messages and are measured; silent ones
 * are open and send nothing; the hog makes the server compute; deaf peers send and never read.
 */
import { Messages } from '../messages.ts'
import { DeafPeer } from './deaf.ts'
import type { Party } from './engine.ts'
import { Link, type LinkOptions } from './link.ts'
import { Churn, ClosedLoop, ConstantRate, type Pace, ThinkTime } from './pace.ts'
import { HOGGING, type LoadSettings } from './result.ts'
import type { Tally } from './tally.ts'

/** Bytes of each message of the hog. */
const HOG_SIZE = 64

export class Crowd {
  readonly talkers: Link[] = []
  readonly silent: Link[] = []
  /** One or none. */
  readonly hogs: Link[] = []
  readonly deaf: DeafPeer[] = []
  /** Which numbers the messages of the talkers carry, in words. */
  readonly carries: string
  readonly #asked: LoadSettings
  readonly #tally: Tally
  readonly #talking: LinkOptions
  readonly #hogging: LinkOptions

  /** @param connect starts a new connection for a link that was renewed */
  constructor(asked: LoadSettings, tally: Tally, connect: (link: Party) => void) {
    const messages = new Messages(asked)
    const hog = { ...asked, size: HOG_SIZE, depth: 1, order: `burn ${asked.burn} ` }
    this.#asked = asked
    this.#tally = tally
    this.#talking = {
      shape: asked,
      messages,
      pace: choosePace(asked, tally, connect),
      counts: true,
    }
    this.#hogging = {
      shape: hog,
      messages: new Messages(hog),
      pace: new ConstantRate(HOGGING, 1),
      counts: false,
    }
    this.carries = messages.carries
  }

  /** Makes the talkers one by one; the caller connects each before it asks for the next. */
  *gatherTalkers(): Generator<Party> {
    const { connections } = this.#asked
    for (let i = 0; i < connections; i++) yield this.#join(this.talkers, this.#talking)
  }

  /** Makes all others, in the same way. */
  *gatherOthers(): Generator<Party> {
    const { idle, burn, deaf, size } = this.#asked
    const silent = { ...this.#talking, counts: false }
    for (let i = 0; i < idle; i++) yield this.#join(this.silent, silent)
    if (burn > 0) yield this.#join(this.hogs, this.#hogging)
    for (let i = 0; i < deaf; i++) {
      const peer = new DeafPeer(size, this.#tally)
      this.deaf.push(peer)
      yield peer
    }
  }

  /** How many connections have been made. */
  get size(): number {
    return this.talkers.length + this.silent.length + this.hogs.length + this.deaf.length
  }

  start(): void {
    const now = performance.now()
    this.#talking.pace.start(this.talkers.filter(isOpen), now)
    if (this.hogs.length > 0) this.#hogging.pace.start(this.hogs.filter(isOpen), now)
  }

  /** Sends the messages that are due; returns the time at which the next one will be. */
  send(now: number): number {
    const next = this.#talking.pace.send(now)
    return this.hogs.length > 0 ? Math.min(next, this.#hogging.pace.send(now)) : next
  }

  /** Nothing could be sent for this time, in milliseconds until now. */
  paused(milliseconds: number): void {
    this.#talking.pace.paused?.(milliseconds)
    this.#hogging.pace.paused?.(milliseconds)
  }

  /** Ends the links that have waited for more than `limit` milliseconds, for a byte or to open. */
  endStalled(now: number, limit: number): void {
    for (const link of this.#links()) {
      if (link.heard > now - limit || link.state === 'closed') continue
      if (link.state === 'connecting') link.lost('connect timeout')
      else if (link.sent > link.replies) link.lost('stalled')
    }
  }

  close(): void {
    for (const one of [...this.#links(), ...this.deaf]) one.close()
  }

  /**
   * Jain's index over the talkers, by their replies in the window (Jain, Chiu and Hawe, 1984): the
   * square of the sum, divided by the number and the sum of the squares. Null without a reply.
   */
  fairness(): number | null {
    const counts = this.talkers.map(({ counted }) => counted)
    const sum = counts.reduce((a, b) => a + b, 0)
    const squares = counts.reduce((a, b) => a + b * b, 0)
    return sum === 0 ? null : sum ** 2 / (counts.length * squares)
  }

  #join(links: Link[], options: LinkOptions): Link {
    const link = new Link(this.size, options, this.#tally)
    links.push(link)
    return link
  }

  #links(): Link[] {
    return [...this.talkers, ...this.silent, ...this.hogs]
  }
}

function choosePace(asked: LoadSettings, tally: Tally, connect: (link: Party) => void): Pace {
  const { rate, pause, churn, depth } = asked
  if (rate > 0) return new ConstantRate(rate, depth, (milliseconds) => tally.late(milliseconds))
  if (pause > 0) return new ThinkTime(pause)
  return churn ? new Churn(connect) : new ClosedLoop(depth)
}

function isOpen({ state }: Link): boolean {
  return state === 'open'
}
