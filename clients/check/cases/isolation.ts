/** Promise 4: what happens to one connection is no other's business. */
import { connect } from 'node:net'
import type { Case } from '../case.ts'
import { lines } from '../samples.ts'
import type { Server } from '../subject.ts'
import type { Trial } from '../trial.ts'

const RESETS = 1000
const AT_ONCE = 50
const FEW = 10
const CROWDS = 5
const OTHERS = 100

export const isolationCases: readonly Case[] = [
  {
    promise: 4,
    name: 'resets and clients that vanish cost nobody else anything',
    needs: ['concurrency'],
    run: async (trial) => {
      const bystander = await trial.connect()
      await bystander.say('here')
      const others = await trial.connectMany(30)
      trial.note('half of them send 1 000 bytes and reset, the other half vanish')
      await Promise.all(others.map((peer) => peer.send(lines(1000))))
      for (const [i, peer] of others.entries()) i % 2 ? peer.reset() : peer[Symbol.dispose]()
      await bystander.say('still here')
      await (await trial.connect()).say('new')
    },
  },
  {
    promise: 4,
    name: 'after a reset the next client is served',
    run: async (trial) => {
      for (let round = 0; round < 5; round++) {
        const peer = await trial.connect()
        await peer.say('x')
        await peer.send(lines(1000))
        peer.reset()
      }
      await (await trial.connect()).say('still here')
    },
  },
  {
    promise: 4,
    name: 'clients that leave before they are accepted cost nobody anything',
    run: async (trial) => {
      trial.note('50 clients connect and reset at once')
      await Promise.all(Array.from({ length: 50 }, () => resetAtOnce(trial.shared)))
      await (await trial.connect()).say('still here')
    },
  },
  {
    promise: 4,
    name: `no descriptor is left after ${RESETS} resets`,
    needs: ['process'],
    run: async (trial) => {
      // A server may keep what it has opened for a crowd, such as threads, and open more for the
      // next one: but it doesn't go on like that.
      const counts = [await descriptorsAfter(trial, RESETS, AT_ONCE)]
      do counts.push(await descriptorsAfter(trial, RESETS, AT_ONCE))
      while (counts.length < CROWDS && counts.at(-1)! >= counts.at(-2)! + AT_ONCE)
      const [before = 0, after = 0] = counts.slice(-2)
      trial.check(
        after < before + AT_ONCE,
        `about the ${before} descriptors of before`,
        `${after} descriptors`,
      )
      // A crowd that is smaller than those before needs nothing new: here each one counts.
      const last = await descriptorsAfter(trial, FEW, FEW)
      trial.check(last <= after, `the ${after} descriptors of before`, `${last} descriptors`)
    },
  },
  {
    promise: 4,
    name: `a handler that computes costs ${OTHERS} others time, and nothing else`,
    needs: ['concurrency', 'own server'],
    protocols: ['line'],
    run: async (trial) => {
      const server = await trial.start({ computes: true, maxConnections: OTHERS + 1 })
      const others = await trial.connectMany(OTHERS, server)
      for (const peer of others) await peer.say('here')
      const busy = await trial.connect(server)
      for (let turn = 0; turn < 5; turn++) {
        await Promise.all([
          busy.say(`turn ${turn} burn 20 `),
          ...others.map((peer, i) => peer.say(`${i} in turn ${turn}`)),
        ])
      }
    },
  },
]

/** How many the shared server has once it has dealt with a crowd that resets. */
async function descriptorsAfter(trial: Trial, count: number, atOnce: number): Promise<number> {
  await resetMany(trial, count, atOnce)
  await greet(trial)
  await trial.settled(trial.shared)
  return trial.descriptors(trial.shared)
}

async function resetMany(trial: Trial, count: number, atOnce: number): Promise<void> {
  trial.note(`${count} clients send 100 bytes and reset, ${atOnce} at a time`)
  for (let i = 0; i < count; i += atOnce) {
    const crowd = Array.from({ length: atOnce }, () => resetAtOnce(trial.shared, lines(100)))
    await Promise.all(crowd)
  }
}

async function greet(trial: Trial): Promise<void> {
  const peer = await trial.connect()
  await peer.say('hello')
  peer[Symbol.dispose]()
}

/** Connects, sends the bytes if there are any, and resets. */
async function resetAtOnce({ address }: Server, bytes?: Uint8Array): Promise<void> {
  const socket = connect({ host: address.address, port: address.port })
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  socket.on('error', () => {})
  socket.on('connect', () => {
    if (bytes) socket.write(bytes, () => socket.resetAndDestroy())
    else socket.resetAndDestroy()
  })
  await closed
}
