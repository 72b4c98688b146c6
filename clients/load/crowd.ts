/**
 * Everybody who connects in a load run: those who talk, those who are silent, the hog, who makes
 * the server compute, and those who never read.
 */

import { Messages } from '../messages.ts'
import { DeafPeer } from './deaf.ts'
import type { Party } from './engine.ts'
import { Link, type LinkOptions } from './link.ts'
import { Churn, ClosedLoop, ConstantRate, type Pace, ThinkTime } from './pace.ts'
import type { LoadSettings } from './result.ts'
import type { Tally } from './tally.ts'

/** How often a second the hog asks for its milliseconds of CPU, and bytes of such a message. */
const HOGGING = 10
const HOG_SIZE = 64

export class Crowd {
  readonly talkers: Link[] = []
  readonly silent: Link[] = []
  /** One or none. */
  readonly hogs: Link[] = []
  readonly deaf: DeafPeer[] = []
  /** What the messages of those who talk carry, in words. */
  readonly carries: string
  readonly #asked: LoadSettings
  readonly #tally: Tally
  readonly #talking: LinkOptions
  readonly #hogging: LinkOptions

  /** @param connect starts the connection of a link again */
  constructor(asked: LoadSettings, tally: Tally, connect: (link: Link) => void) {
    const messages = new Messages(asked)
    const hog = { ...asked, size: HOG_SIZE, depth: 1, order: `burn ${asked.burn} ` }
    this.#asked = asked
    this.#tally = tally
    this.#talking = { shape: asked, messages, pace: choosePace(asked, connect), counts: true }
    this.#hogging = {
      shape: hog,
      messages: new Messages(hog),
      pace: new ConstantRate(HOGGING, 1),
      counts: false,
    }
    this.carries = messages.carries
  }

  /** One after the other, each made when it is asked for, to be connected then. */
  *gather(): Generator<Party> {
    const { connections, idle, burn, deaf, size } = this.#asked
    for (let i = 0; i < connections; i++) yield this.#join(this.talkers, this.#talking)
    const silent = { ...this.#talking, counts: false }
    for (let i = 0; i < idle; i++) yield this.#join(this.silent, silent)
    if (burn > 0) yield this.#join(this.hogs, this.#hogging)
    for (let i = 0; i < deaf; i++) {
      const peer = new DeafPeer(size, this.#tally)
      this.deaf.push(peer)
      yield peer
    }
  }

  /** How many have been made. */
  get size(): number {
    return this.talkers.length + this.silent.length + this.hogs.length + this.deaf.length
  }

  /** The load begins. */
  start(): void {
    const now = performance.now()
    this.#talking.pace.start(this.talkers.filter(isOpen), now)
    if (this.hogs.length > 0) this.#hogging.pace.start(this.hogs.filter(isOpen), now)
  }

  /** Sends what is due, and returns when the next will be. */
  send(now: number): number {
    const next = this.#talking.pace.send(now)
    return this.hogs.length > 0 ? Math.min(next, this.#hogging.pace.send(now)) : next
  }

  /** Ends what has waited for more than `limit` milliseconds. */
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
   * Jain's index of those who talk, by their replies in the window (Jain, Chiu and Hawe, 1984): the
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

function choosePace(asked: LoadSettings, connect: (link: Link) => void): Pace {
  const { rate, pause, churn, depth } = asked
  if (rate > 0) return new ConstantRate(rate, depth)
  if (pause > 0) return new ThinkTime(pause)
  return churn ? new Churn(connect) : new ClosedLoop(depth)
}

function isOpen({ state }: Link): boolean {
  return state === 'open'
}
