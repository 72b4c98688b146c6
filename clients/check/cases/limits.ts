/** Promises 5 to 7: a limit of connections, an idle timeout, and a process out of descriptors. */
import type { Case } from '../case.ts'
import { lines, MiB } from '../samples.ts'
import type { Server } from '../subject.ts'
import type { Trial } from '../trial.ts'

/** How many clients are open at a time in the case of many. */
const MANY = 10_000
/** Descriptors for the server that is to run out of them. */
const FEW = 60
/** A server has this many half seconds to come to rest. */
const WINDOWS = 4

export const limitCases: readonly Case[] = [
  {
    promise: 5,
    name: 'a client above the limit waits, and is served in its turn',
    needs: ['concurrency', 'own server'],
    run: limitOfTwo,
  },
  {
    promise: 6,
    name: 'a silent connection is closed, one that takes no bytes too, but none that talks',
    needs: ['own server'],
    run: silence,
  },
  {
    promise: 7,
    name: 'out of descriptors it goes on with its clients, does not spin, and recovers',
    needs: ['own server', 'process'],
    run: exhaustion,
  },
]

async function silence(trial: Trial): Promise<void> {
  const server = await trial.start({ idleTimeout: 0.4 })
  const talkative = trial.isConcurrent ? await trial.connect(server) : undefined
  const silent = await trial.connect(server)
  await silent.say('hello')
  const from = performance.now()
  let isGone = false
  const gone = silent.gone().finally(() => {
    isGone = true
  })
  gone.catch(() => {})
  while (talkative && !isGone) await talkative.say('x')
  await gone
  const waited = performance.now() - from
  trial.check(waited > 300, 'a close after 0.4 s', `a close after ${waited.toFixed(0)} ms`)
  await talkative?.say('still here')
  const deaf = await trial.connect(server)
  // More than all buffers between here and there hold.
  await deaf.refused(lines(48 * MiB))
}

async function limitOfTwo(trial: Trial): Promise<void> {
  const server = await trial.start({ maxConnections: 2 })
  const first = await trial.connect(server)
  const second = await trial.connect(server)
  await first.say('first is in')
  await second.say('second is in')
  const waiting = [await trial.connect(server), await trial.connect(server)]
  for (const peer of waiting) await peer.sendLine('let me in')
  for (let turn = 0; turn < 100; turn++) await second.say(`turn ${turn}`)
  const unread = () => waiting.filter((peer) => peer.unread > 0).length
  trial.check(unread() === 0, 'no reply for clients 3 and 4', `a reply for ${unread()} of them`)
  trial.note('client 1 leaves')
  first[Symbol.dispose]()
  // Clients that wait at different processes of a server may be served in another order.
  const replies = waiting.map((peer, i) => peer.hear().then(() => i))
  const next = await Promise.race(replies)
  const other = waiting[1 - next]!
  trial.check(other.unread === 0, 'one more reply', 'replies for clients 3 and 4')
  trial.note(`client ${3 + next} is answered, and leaves`)
  waiting[next]![Symbol.dispose]()
  await Promise.all(replies)
}

async function exhaustion(trial: Trial): Promise<void> {
  const server = await trial.start({ descriptors: FEW })
  const early = await trial.connect(server)
  await early.say('early')
  const crowd = await trial.connectMany(FEW + 20, server)
  for (const peer of crowd) peer.send('anybody?\n').catch(() => {})
  if (trial.isConcurrent) {
    for (let turn = 0; turn < 20; turn++) await early.say(`turn ${turn}`)
    await trial.settled(server)
    await quiet(trial, server, 0.2)
    await early.say('and still')
  }
  trial.note('all of them leave')
  for (const peer of [early, ...crowd]) peer[Symbol.dispose]()
  await trial.served(server)
}

/**
 * Throws Broken if the server wants `most` seconds of CPU time in half a second, and goes on wanting
 * them: one that cleans up its memory comes to an end.
 */
export async function quiet(trial: Trial, server: Server, most: number): Promise<void> {
  let cpu = most
  for (let i = 0; i < WINDOWS && cpu >= most; i++) cpu = await trial.cpuOfSilence(server)
  const percent = `${Math.round(200 * cpu)} % of one`
  trial.check(cpu < most, 'hardly any use of a CPU while nothing can be done', percent)
}

export const crowdCases: readonly Case[] = [
  {
    promise: 5,
    name: `${MANY} connections are open at a time, and each is answered`,
    needs: ['concurrency', 'own server', 'crowd'],
    run: async (trial) => {
      const server = await trial.start({ maxConnections: MANY })
      const peers = []
      for (let i = 0; i < MANY; i += 500) peers.push(...(await trial.connectMany(500, server)))
      for (let i = 0; i < MANY; i += 500) {
        await Promise.all(peers.slice(i, i + 500).map((peer, at) => peer.say(`${i + at}`)))
      }
    },
  },
]
