import { setImmediate as turn } from 'node:timers/promises'
import { lines } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** A reply that no client's socket holds while nobody reads: the rest still lies in the server's. */
const LENGTH = 300_000
/** What comes behind the question, such as an upload that nobody wants. */
const MORE = lines(200_000)

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'a question is answered, and the connection closed',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.send('10\n')
        peer.end()
        await peer.receiveAll(Buffer.alloc(10, 'x'))
      },
    },
    {
      promise: 1,
      points: 3,
      name: 'the reply arrives whole though the client has sent more than its question',
      needs: ['process'],
      run: async (trial) => {
        const peer = await trial.connect()
        const sending = peer.send(Buffer.concat([Buffer.from(`${LENGTH}\n`), MORE]))
        sending.catch(() => {})
        peer.end()
        // Whoever closes too early has done it when the client begins to read.
        await trial.settled(trial.shared)
        trial.note('it has read nothing so far')
        // How a client learns of a reset depends on what it does at this moment.
        const reply = await peer.rest().catch(() => Buffer.alloc(0))
        const isWhole = reply.equals(Buffer.alloc(LENGTH, 'x'))
        trial.check(isWhole, 'the whole reply and the FIN', 'a part of it: a reset has come')
        await sending
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'the FIN comes behind the reply, and does not wait for that of the client',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.send('10\n')
        await peer.receiveAll(Buffer.alloc(10, 'x'))
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'a client that never ends does not hold up the next one for long',
      run: async (trial) => {
        const silent = await trial.connect()
        await silent.send('10\n')
        await silent.receiveAll(Buffer.alloc(10, 'x'))
        trial.note('client 1 stays, and says nothing')
        const next = await trial.connect()
        await next.send('20\n')
        await next.receive(Buffer.alloc(20, 'x'))
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'a client that sends without end does not either',
      run: async (trial) => {
        const endless = await trial.connect()
        await endless.send('10\n')
        await endless.receiveAll(Buffer.alloc(10, 'x'))
        trial.note('client 1 sends without end')
        let isOver = false
        const flood = async () => {
          const piece = Buffer.alloc(1000, 'y')
          // The server may reset it: it has had its time.
          while (!isOver) {
            await endless.sendPieces([piece])
            // Node says of a small write that it is done before the event loop goes on.
            await turn()
          }
        }
        const flooding = flood().catch(() => {})
        const next = await trial.connect()
        try {
          await next.send('20\n')
          await next.receive(Buffer.alloc(20, 'x'))
        } finally {
          isOver = true
          await Promise.race([flooding, trial.settled(trial.shared)])
        }
      },
    },
  ],
  starter: {
    case: 'the reply arrives whole though the client has sent more than its question',
    says: 'a part of it: a reset has come',
  },
  wrong: {
    'reads-once': {
      case: 'the reply arrives whole though the client has sent more than its question',
      says: 'a part of it: a reset has come',
    },
    'asks-the-kernel-to-linger': {
      case: 'the reply arrives whole though the client has sent more than its question',
      says: 'a part of it: a reset has come',
    },
    'reads-before-its-fin': {
      case: 'the FIN comes behind the reply, and does not wait for that of the client',
      says: 'nothing for 3 s, 10 bytes before',
    },
    'waits-for-ever': {
      case: 'a client that never ends does not hold up the next one for long',
      says: 'nothing for 3 s',
    },
    'starts-its-patience-anew': {
      case: 'a client that sends without end does not either',
      says: 'nothing for 3 s',
    },
  },
}
