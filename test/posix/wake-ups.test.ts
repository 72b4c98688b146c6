/**
 * No wake-up is lost between the program's threads and the kernel thread of backend `atomics`: in
 * every schedule of some scenes that turns up to two times away from the thread that could go on, and
 * in as many random ones as SCHEDULES says (for each scene; then up to three times):
 *
 *     SCHEDULES=1000000 npx vitest run test/posix/wake-ups.test.ts
 *
 * A scene has failed if all threads sleep and not all is done. What shows that the search finds
 * something: each of the broken variants fails.
 */
import { describe, expect, test } from 'vitest'
import { chance, explore } from './schedules.ts'
import { fail, load, SCENES } from './wake-up-scenes.ts'

const RANDOM = Number(process.env.SCHEDULES ?? 1000)
/** Choices other than to go on, in the systematic search. */
const MOST = RANDOM > 1000 ? 3 : 2
/** Throws if a wake-up is lost in the scene; returns how many schedules there were. */
function search(code: ReturnType<typeof load>, name: string, most: number, random: number): number {
  const scene = SCENES[name]!
  const count = explore(most, (choose) => {
    if (!code(scene, choose)) fail(name, 'by a systematic search')
  })
  for (let seed = 1; seed <= random; seed++) {
    if (!code(scene, chance(seed))) fail(name, `seed ${seed}`)
  }
  return count
}

describe('no wake-up is lost when', () => {
  const code = load()
  test.each(Object.keys(SCENES))('%s', { timeout: 3_600_000 }, (name) => {
    expect(search(code, name, MOST, RANDOM)).toBeGreaterThan(90)
  })
})

/** What is replaced in the bundled code, and by what: each is a mistake that looks harmless. */
const MISTAKES: Record<string, readonly [RegExp, string]> = {
  'a sleeper looks before it announces itself': [
    /(const seen = announce\(words, SOCKET.changes\);)\s*(const ready = .*;)/,
    '$2 $1',
  ],
  'a poller looks before it announces itself': [
    /(const seen = announce.*HEADER.polls\);)\s*(found = .*;)/,
    '$2 $1',
  ],
  'a waker counts before it makes the change': [
    /risen = this.settle\(\);/,
    'raise(this.words, SOCKET.changes); $& risen = false;',
  ],
  'a thread goes to sleep without ringing': [/(function ringBeforeSleep.*\{)/, '$1 return;'],
  'a mark is set from the top down': [
    /(function mark\(.*\{)([^}]*)(Atomics.store\(.*\);)/,
    '$1 $3 $2',
  ],
  'the kernel stops watching without a last look': [
    /(Atomics.store\(words, HEADER.bell, BELL.asleep\);)\s*return .*;/,
    '$1 return true;',
  ],
  'a lock is given back without a look at who waits': [/=== STATE\d*.contended/, '=== -1'],
}

describe('the search finds a lost wake-up if', () => {
  test.each(Object.entries(MISTAKES))('%s', (_, [right, wrong]) => {
    const broken = load((code) => {
      expect(code).toMatch(right)
      return code.replace(right, wrong)
    })
    expect(() => {
      for (const name of Object.keys(SCENES)) search(broken, name, 2, 1000)
    }).toThrow(/lost wake-up/)
  })
})
