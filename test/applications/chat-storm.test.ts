/** The storm in short: the right bus loses nothing, the wrong one does, and the count can tell. */
import { expect, test } from 'vitest'
import type { Person } from '../../bench/storm/person.ts'
import { runStorm } from '../../bench/storm/storm.ts'
import { tallyOf } from '../../bench/storm/tally.ts'
import { withRedis } from './redis.ts'

/** Someone who has seen these ids, in this order, and whose posts have got those. */
function person(seen: readonly string[], own: readonly string[] = [], waiting = 0): Person {
  const entries = seen.map((id) => ({ id, name: 'Ada', text: id.replace('again', '') }))
  const acknowledged = new Map(own.map((id) => [id, id]))
  return { room: 'lobby', seen: entries, acknowledged, waiting } as unknown as Person
}

const WHOLE = { lost: 0, lostMessages: 0, twice: 0, outOfOrder: 0, storedTwice: 0, unanswered: 0 }

test.each([
  ['all is well', {}, person(['1-0', '2-0', '3-0'])],
  ['one was missed', { lost: 1, lostMessages: 1 }, person(['1-0', '3-0'])],
  ['one was seen twice', { twice: 1 }, person(['1-0', '2-0', '2-0', '3-0'])],
  ['two changed places', { outOfOrder: 1 }, person(['2-0', '1-0', '3-0'])],
  ['a post waits', { unanswered: 2 }, person(['1-0', '2-0', '3-0'], [], 2)],
])('the tally says when %s', (_, wrong, other) => {
  const ada = person(['1-0', '2-0', '3-0'], ['1-0', '2-0', '3-0'])
  expect(tallyOf([ada, other])).toEqual({ acknowledged: 3, due: 6, ...WHOLE, ...wrong })
})

test('the tally says when a post that was repeated has become two messages', () => {
  const ids = ['1-0', '1-0again']
  expect(tallyOf([person(ids, ids)])).toMatchObject({ storedTwice: 1 })
})

const SHORT = { servers: 3, people: 30, rooms: 3, seconds: 8, rate: 60, seed: 14, calm: false }

withRedis('servers are killed, and Redis once', () => {
  test('with streams everybody sees each acknowledged message once, in one order', async () => {
    const outcome = await runStorm({ ...SHORT, bus: 'redis' })
    expect(outcome).toMatchObject({ ...WHOLE, redisKills: 1 })
    expect(outcome.serverKills).toBeGreaterThan(0)
    expect(outcome.acknowledged).toBeGreaterThan(100)
    expect(outcome.delivered).toBe(outcome.due)
  }, 60_000)
})
