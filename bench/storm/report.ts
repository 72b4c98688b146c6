/** What a storm has left, for people to read. */
import type { Outcome, StormOptions } from './storm.ts'

/** Everything that was acknowledged was seen by all, once and in order. */
export function isWhole({ unanswered, lost, twice, outOfOrder, storedTwice }: Outcome): boolean {
  return unanswered + lost + twice + outOfOrder + storedTwice === 0
}

/** What all runs have in common, in a line. */
export function describe({ people, rooms, seconds, rate, calm, seed }: StormOptions): string {
  const talk = `${people} people in ${rooms} rooms, ${rate} posts a second for ${seconds} s`
  return `${talk}, ${calm ? 'nothing is killed' : `seed ${seed}`}`
}

type Row = readonly [string, (outcome: Outcome) => string | number]

const COUNTS: readonly Row[] = [
  ['servers', ({ options }) => options.servers],
  ['bus', ({ options }) => options.bus],
  ['messages acknowledged', ({ acknowledged }) => acknowledged],
  ['to be seen, by all in their rooms', ({ due }) => due],
  ['lost', ({ lost }) => lost],
]

const STORM: readonly Row[] = [
  ['messages that somebody has lost', ({ lostMessages }) => lostMessages],
  ['seen twice', ({ twice }) => twice],
  ['out of order', ({ outOfOrder }) => outOfOrder],
  ['stored twice', ({ storedTwice }) => storedTwice],
  ['posts never acknowledged', ({ unanswered }) => unanswered],
  ['servers killed', ({ serverKills }) => serverKills],
  ['Redis killed', ({ redisKills }) => redisKills],
]

/** In a storm they would be those of programs that start, and of posts that wait. */
const FIGURES: readonly Row[] = [
  ['seen in a second', ({ delivered, seconds }) => Math.round(delivered / seconds)],
  ['CPU of all servers, µs for each seen', (o) => micros(o.serverCpu, o.delivered)],
  ['CPU of Redis, µs for each post', (o) => micros(o.redisCpu, o.acknowledged)],
  ['ms until its author sees it, median', (o) => delay(o, 0.5)],
  ['ms until its author sees it, 99 %', (o) => delay(o, 0.99)],
]

/** A column for each run. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = [...COUNTS, ...(outcomes[0]!.options.calm ? FIGURES : STORM)]
  const lineOf = ([what, of]: Row) => {
    const values = outcomes.map((outcome) => String(of(outcome)).padStart(10))
    return `${what.padEnd(38)}${values.join('')}`
  }
  return rows.map(lineOf).join('\n')
}

function micros(seconds: number, count: number): string {
  return ((1e6 * seconds) / count).toFixed(1)
}

function delay({ delays }: Outcome, part: number): string {
  return (delays[Math.floor(part * delays.length)] ?? Number.NaN).toFixed(1)
}
