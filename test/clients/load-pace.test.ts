/** When a connection sends: the paces alone, with links that only take note. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Link } from '../../clients/load/link.ts'
import { Churn, ClosedLoop, ConstantRate, type Pace, ThinkTime } from '../../clients/load/pace.ts'

/** What a pace sees of a link. */
class NotedLink {
  state = 'open'
  sent = 0
  replies = 0
  /** When each message was begun, and when it was due. */
  readonly begun: [now: number, due: number][] = []

  begin(count: number, now: number, due = now): void {
    for (let i = 0; i < count; i++) this.begun.push([now, due])
    this.sent += count
  }

  renew(): void {
    this.sent = 0
    this.replies = 0
  }

  close(): void {
    this.state = 'closed'
  }
}

function start(pace: Pace, count: number, now = 0): NotedLink[] {
  const links = Array.from({ length: count }, () => new NotedLink())
  pace.start(links as unknown as Link[], now)
  return links
}

function reply(pace: Pace, link: NotedLink, now: number): void {
  link.replies += 1
  pace.replied(link as unknown as Link, 1, now)
}

test('a closed loop sends when a reply has come, and keeps its depth in flight', () => {
  const pace = new ClosedLoop(3)
  const [link] = start(pace, 1) as [NotedLink]
  expect(link.begun).toHaveLength(3)
  expect(pace.send()).toBe(Number.POSITIVE_INFINITY)
  reply(pace, link, 5)
  expect(link.begun.slice(3)).toEqual([[5, 5]])
})

test('think time: the next message comes so long after the reply, in the order of replies', () => {
  const pace = new ThinkTime(0.1)
  const [a, b] = start(pace, 2) as [NotedLink, NotedLink]
  reply(pace, b, 10)
  reply(pace, a, 20)
  expect(pace.send(109)).toBe(110)
  expect(pace.send(110)).toBe(120)
  expect([a.begun, b.begun]).toEqual([
    [[0, 0]],
    [
      [0, 0],
      [110, 110],
    ],
  ])
  expect(pace.send(500)).toBe(Number.POSITIVE_INFINITY)
  expect(a.begun[1]).toEqual([500, 500])
})

describe('a constant rate', () => {
  test('sends on the connections in turn, each at its time', () => {
    const pace = new ConstantRate(100, 1)
    const [a, b] = start(pace, 2, 1000) as [NotedLink, NotedLink]
    expect(pace.send(1000)).toBe(1010)
    expect(pace.send(1010)).toBe(1020)
    expect([a.begun, b.begun]).toEqual([[[1000, 1000]], [[1010, 1010]]])
  })

  test('what finds its connection waiting goes with the reply, and was due before', () => {
    const pace = new ConstantRate(100, 1)
    const [link] = start(pace, 1) as [NotedLink]
    pace.send(35)
    expect(link.begun).toEqual([[35, 0]])
    reply(pace, link, 40)
    reply(pace, link, 41)
    reply(pace, link, 42)
    reply(pace, link, 43)
    expect(link.begun.slice(1)).toEqual([
      [40, 10],
      [41, 20],
      [42, 30],
    ])
    expect(pace.send(45)).toBe(50)
    expect(link.begun.at(-1)).toEqual([45, 40])
  })

  test('counts from its start, whatever was said before, and leaves out who has gone', () => {
    const pace = new ConstantRate(100, 1)
    const links = [new NotedLink(), new NotedLink()] as [NotedLink, NotedLink]
    for (const link of links) {
      link.begin(1, 1)
      link.replies = 1
    }
    pace.start(links as unknown as Link[], 100)
    links[1].close()
    pace.send(120)
    expect(links.map(({ begun }) => begun.slice(1))).toEqual([[[120, 100]], []])
  })

  test('without a connection nothing is due', () => {
    const pace = new ConstantRate(100, 1)
    start(pace, 0)
    expect(pace.send(1000)).toBe(Number.POSITIVE_INFINITY)
  })

  test('far behind, it sends a part and is called again at once: sockets come in between', () => {
    const pace = new ConstantRate(1e7, 1)
    const links = start(pace, 100)
    expect(pace.send(1000)).toBeLessThan(1000)
    const sent = links.filter((link) => link.sent > 0).length
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(100)
  })

  test('far behind a rate beyond reach, a call ends, however much is due', () => {
    const pace = new ConstantRate(1e7, 1)
    start(pace, 1)
    // Ten days: a call that went through all that is due would take hours.
    expect(pace.send(1e9)).toBeLessThan(1e9)
  })

  test('in a pause nothing is due, and then the rate is the same', () => {
    const pace = new ConstantRate(100, 1)
    const [link] = start(pace, 1) as [NotedLink]
    pace.send(0)
    reply(pace, link, 1)
    pace.paused(7)
    expect(pace.send(12)).toBe(17)
    expect(pace.send(17)).toBe(27)
    expect(link.begun).toEqual([
      [0, 0],
      [17, 17],
    ])
  })
})

describe('lateness: how long the generator takes to get round to a message', () => {
  /** A pace of a message each 10 ms, and what it says of its lateness. */
  function noted(count: number) {
    const late: number[] = []
    const pace = new ConstantRate(100, 1, (milliseconds) => late.push(milliseconds))
    return { pace, late, links: start(pace, count) }
  }

  test('none when it is called in time', () => {
    const { pace, late } = noted(3)
    for (const time of [0, 10, 20]) pace.send(time)
    expect(late).toEqual([0, 0, 0])
  })

  test('none while a connection waits for its reply, which is the fault of the server', () => {
    const { pace, late, links } = noted(1)
    for (const time of [0, 10, 20, 30]) pace.send(time)
    reply(pace, links[0]!, 35)
    expect(links[0]!.begun).toEqual([
      [0, 0],
      [35, 10],
    ])
    expect(late).toEqual([0, 0, 0, 0])
  })

  test('after a sleep, that of each message, whether its connection is free or waits', () => {
    const { pace, late } = noted(2)
    pace.send(0)
    pace.send(45)
    expect(late).toEqual([0, 35, 25, 15, 5])
  })
})

/** A step of the property below: time passes, and then some of the connections have a reply. */
const step = fc.record({
  milliseconds: fc.constantFrom(0, 1, 3, 10, 170, 5000),
  replies: fc.array(fc.nat(9), { maxLength: 5 }),
})

test('whatever happens, an open loop sends each message once, in its turn, and never early', () => {
  const settings = [fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3 })] as const
  fc.assert(
    fc.property(...settings, fc.array(step, { maxLength: 40 }), (count, depth, steps) => {
      const late: number[] = []
      const pace = new ConstantRate(1000, depth, (milliseconds) => late.push(milliseconds))
      const links = start(pace, count)
      let now = 0
      for (const { milliseconds, replies } of steps) {
        now += milliseconds
        while (pace.send(now) <= now);
        for (const index of replies) {
          const link = links[index % count]!
          if (link.sent > link.replies) reply(pace, link, now)
        }
      }
      const due = steps.length === 0 ? 0 : now + 1
      expect(late).toHaveLength(due)
      expect(Math.min(...late, 0)).toBe(0)
      for (const [place, link] of links.entries()) {
        const ofLink = Math.max(0, Math.ceil((due - place) / count))
        expect(link.sent).toBe(Math.min(ofLink, link.replies + depth))
        expect(link.begun.map(([, time]) => time)).toEqual(
          link.begun.map((_, n) => place + n * count),
        )
        expect(link.begun.every(([time, dueAt]) => time >= dueAt)).toBe(true)
      }
    }),
  )
})

test('churn: a reply leads to the next connection, and the last one to none', () => {
  const connected: unknown[] = []
  const pace = new Churn((link) => connected.push(link))
  const [link] = start(pace, 1) as [NotedLink]
  reply(pace, link, 5)
  expect(connected).toEqual([link])
  pace.last(link as unknown as Link)
  expect(link.state).toBe('closed')
})
