/** What has become of all that was said? Counted from what each person has written down. */
import { compareIds } from '../../servers/applications/chat/bus.ts'
import type { Person } from './person.ts'

export interface Tally {
  /** Messages that a server has acknowledged. */
  readonly acknowledged: number
  /** Posts that no server has acknowledged until the end. */
  readonly unanswered: number
  /** Acknowledged messages, each counted for each person in its room. */
  readonly due: number
  /** How many of these were not seen, and how many messages somebody has not seen. */
  readonly lost: number
  readonly lostMessages: number
  /** Messages that a person has seen again. */
  readonly twice: number
  /** Messages that a person has seen after one that comes later in the order of the room. */
  readonly outOfOrder: number
  /** Posts that are in the log under two ids. */
  readonly storedTwice: number
}

const NOTHING: Tally = {
  acknowledged: 0,
  unanswered: 0,
  due: 0,
  lost: 0,
  lostMessages: 0,
  twice: 0,
  outOfOrder: 0,
  storedTwice: 0,
}

export function tallyOf(people: readonly Person[]): Tally {
  const rooms = [...new Set(people.map(({ room }) => room))]
  const tallies = rooms.map((name) => tallyOfRoom(people.filter(({ room }) => room === name)))
  return tallies.reduce(added, NOTHING)
}

function tallyOfRoom(people: readonly Person[]): Tally {
  const acknowledged = new Set(people.flatMap((person) => [...person.acknowledged.keys()]))
  const missing = people.map((person) => missed(person, acknowledged))
  return {
    acknowledged: acknowledged.size,
    unanswered: sum(people.map(({ waiting }) => waiting)),
    due: acknowledged.size * people.length,
    lost: sum(missing.map(({ size }) => size)),
    lostMessages: new Set(missing.flatMap((ids) => [...ids])).size,
    twice: sum(people.map(seenTwice)),
    outOfOrder: sum(people.map(outOfOrder)),
    storedTwice: storedTwice(people),
  }
}

function missed({ seen }: Person, acknowledged: ReadonlySet<string>): Set<string> {
  const left = new Set(acknowledged)
  for (const { id } of seen) left.delete(id)
  return left
}

function seenTwice({ seen }: Person): number {
  return seen.length - new Set(seen.map(({ id }) => id)).size
}

function outOfOrder({ seen }: Person): number {
  return seen.filter(({ id }, i) => i > 0 && compareIds(seen[i - 1]!.id, id) > 0).length
}

/** The texts differ: a text with two ids is a post that was repeated, and taken for a new one. */
function storedTwice(people: readonly Person[]): number {
  const messages = new Map(people.flatMap(({ seen }) => seen.map(({ id, text }) => [id, text])))
  return messages.size - new Set(messages.values()).size
}

function added(a: Tally, b: Tally): Tally {
  const names = Object.keys(NOTHING) as (keyof Tally)[]
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as Tally
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0)
}
