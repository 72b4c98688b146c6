/** Promise 8: at a signal the server stops accepting, sends what it owes, closes, and exits. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { describeDifference, difference } from '../../difference.ts'
import type { Case } from '../case.ts'
import { expectedReply } from '../expected.ts'
import { lines, MiB } from '../samples.ts'
import type { OwnServer } from '../subject.ts'
import type { Trial } from '../trial.ts'

/** Seconds. */
const GRACE = 0.2
const LONG_GRACE = 60

export const endingCases: readonly Case[] = [
  {
    promise: 8,
    name: 'SIGINT ends a server without clients, with exit code 0',
    needs: ['own server'],
    run: async (trial) => {
      const server = await trial.start()
      const peer = await trial.connect(server)
      await peer.say('hello')
      peer.end()
      await peer.rest()
      trial.signal(server, 'SIGINT')
      await endsWell(trial, server)
    },
  },
  {
    promise: 8,
    name: 'at SIGTERM it accepts nobody else, and sends what is owed, and then the FIN',
    needs: ['own server'],
    run: async (trial) => {
      const server = await trial.start()
      const peer = await trial.connect(server)
      const sent = lines(32 * MiB)
      const due = expectedReply(trial.protocol, sent)
      const sending = peer.send(sent).catch(() => {})
      // Something is on its way back, and what comes after it is owed too.
      await peer.receive(due.subarray(0, MiB))
      trial.signal(server, 'SIGTERM')
      trial.note('other clients try to connect')
      await trial.eventually(() => refuses(server), 'a refused connection', 'only connections')
      const rest = await peer.rest()
      const wrong = difference(due.subarray(MiB), rest)
      const got = wrong ? describeDifference(wrong) : ''
      trial.check(!wrong, 'replies without a gap, and the FIN', got)
      peer.end()
      await sending
      await endsWell(trial, server)
    },
  },
  {
    promise: 8,
    name: 'after --grace it ends although a client takes nothing',
    needs: ['own server'],
    run: async (trial) => {
      const server = await trial.start({ grace: GRACE })
      await owes(trial, server)
      trial.signal(server, 'SIGTERM')
      await endsWell(trial, server)
    },
  },
  {
    promise: 8,
    name: 'a second signal ends it at once',
    needs: ['own server'],
    run: async (trial) => {
      const server = await trial.start({ grace: LONG_GRACE })
      await owes(trial, server)
      trial.signal(server, 'SIGTERM')
      await trial.settled(server)
      trial.signal(server, 'SIGTERM')
      await trial.exitOf(server)
    },
  },
]

/** A client that doesn't read what it is owed. */
async function owes(trial: Trial, server: OwnServer): Promise<void> {
  const deaf = await trial.connect(server)
  deaf.send(lines(48 * MiB)).catch(() => {})
  await deaf.receive(lines(100))
}

async function endsWell(trial: Trial, server: OwnServer): Promise<void> {
  const { code, signal } = await trial.exitOf(server)
  trial.check(
    code === 0,
    'exit code 0',
    code === null ? `the end by ${signal}` : `exit code ${code}`,
  )
}

async function refuses({ address }: OwnServer): Promise<boolean> {
  const socket = connect({ host: address.address, port: address.port })
  try {
    await once(socket, 'connect')
    return false
  } catch {
    return true
  } finally {
    socket.destroy()
  }
}
