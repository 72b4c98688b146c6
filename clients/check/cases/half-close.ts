/** Promise 2: after its FIN a client gets all that it is owed, and then the server's FIN. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Case } from '../case.ts'
import { expectedReply } from '../expected.ts'
import { lines, MiB, UNTERMINATED } from '../samples.ts'

/** For this time, in milliseconds, a slow client of a server that can't be looked at reads nothing. */
const SLOW = 300

export const halfCloseCases: readonly Case[] = [
  ...Object.entries({ ...UNTERMINATED, 'two lines': Buffer.from('one\ntwo\n') }).map(
    ([what, sent]): Case => ({
      promise: 2,
      name: `${what}, and the FIN`,
      run: async (trial) => {
        const peer = await trial.connect()
        if (sent.length > 0) await peer.send(sent)
        peer.end()
        await peer.receiveAll(expectedReply(trial.protocol, sent))
      },
    }),
  ),
  {
    promise: 2,
    name: '200 000 bytes and the FIN, before any reply is read',
    run: async (trial) => {
      const sent = lines(200_000)
      const peer = await trial.connect()
      const sending = peer.send(sent)
      peer.end()
      await Promise.all([peer.receiveAll(expectedReply(trial.protocol, sent)), sending])
    },
  },
  {
    promise: 2,
    name: 'a client that reads late, after its FIN, loses nothing',
    once: true,
    run: async (trial) => {
      // More than two sockets hold while nobody reads, so that the server still has replies to send
      // when it reads the FIN.
      const sent = lines(16 * MiB)
      const peer = await trial.connect()
      const sending = peer.send(sent).catch(() => {})
      peer.end()
      // As long as the server goes on reading it has not met the FIN.
      await (trial.shared.pid === undefined ? sleep(SLOW) : trial.settled(trial.shared))
      trial.note('it has read nothing so far')
      await peer.receiveAll(expectedReply(trial.protocol, sent))
      await sending
    },
  },
  {
    promise: 2,
    name: 'clients come, are answered, end and are ended, over and over',
    once: true,
    run: async (trial) => {
      for (let round = 0; round < 20; round++) {
        const peer = await trial.connect()
        await peer.say('x')
        peer.end()
        await peer.receiveAll(Buffer.alloc(0))
      }
    },
  },
]
