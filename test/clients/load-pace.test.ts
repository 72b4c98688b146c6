/** When a connection sends: the paces alone, with links that only take note. */
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
