/** Promise 3: a client that doesn't read isn't read from either. */
import type { Case } from '../case.ts'
import { expectedReply } from '../expected.ts'
import { lines, MiB } from '../samples.ts'

/** Bytes by which the server's memory may grow. */
const BOUND = 16 * MiB

export const backPressureCases: readonly Case[] = [
  {
    promise: 3,
    name: 'a client that does not read costs little memory, and loses nothing',
    needs: ['own server', 'process'],
    run: async (trial) => {
      const server = await trial.start()
      const sent = lines(48 * MiB)
      // A heap grows with the first traffic: what is asked is what this client costs.
      const some = lines(16 * MiB)
      const warmUp = await trial.connect(server)
      await Promise.all([warmUp.send(some), warmUp.receive(expectedReply(trial.protocol, some))])
      warmUp[Symbol.dispose]()
      const before = trial.memory(server)
      const peer = await trial.connect(server)
      const sending = peer.send(sent).catch(() => {})
      peer.end()
      await trial.settled(server)
      const growth = trial.memory(server) - before
      trial.note(`it has read nothing, and the server has grown by ${inMiB(growth)}`)
      trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
      await peer.receiveAll(expectedReply(trial.protocol, sent))
      await sending
    },
  },
  {
    promise: 3,
    name: 'others are answered beside clients that send without end and do not read',
    needs: ['concurrency'],
    run: async (trial) => {
      const deaf = await trial.connectMany(5)
      trial.note('each of them sends 16 MiB, and reads nothing')
      for (const peer of deaf) peer.send(lines(16 * MiB)).catch(() => {})
      const other = await trial.connect()
      for (let turn = 0; turn < 100; turn++) await other.say(`turn ${turn}`)
    },
  },
  {
    promise: 3,
    name: 'a client that floods does not hold up others for long',
    needs: ['concurrency'],
    run: async (trial) => {
      const flood = await trial.connect()
      const sent = lines(24 * MiB)
      const flooding = Promise.all([
        flood.send(sent),
        flood.receive(expectedReply(trial.protocol, sent)),
      ])
      let isDone = false
      const end = () => {
        isDone = true
      }
      flooding.then(end, end)
      const other = await trial.connect()
      let turns = 0
      while (!isDone && turns < 100) {
        await other.say(`turn ${turns}`)
        turns += 1
      }
      await flooding
      trial.check(turns > 3, 'replies beside the flood', `${turns} replies until it was over`)
    },
  },
]

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}
