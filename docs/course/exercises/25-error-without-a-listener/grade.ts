import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Clients that reset their connections, and the descriptors that may be open for other reasons. */
const MANY = 50
const SPARE = 10

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 4,
      points: 1,
      name: 'lines come back, and the FIN',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        peer.end()
        await peer.receiveAll(Buffer.alloc(0))
      },
    },
    {
      promise: 4,
      points: 3,
      name: 'a client that resets its connection ends nobody else',
      run: async (trial) => {
        const other = await trial.connect()
        await other.say('hello')
        const peer = await trial.connect()
        await peer.say('soon away')
        peer.reset()
        await trial.settled(trial.shared)
        await other.say('still here')
        await trial.served(trial.shared)
      },
    },
    {
      promise: 4,
      points: 3,
      name: 'those that reset leave no descriptor behind',
      needs: ['process'],
      run: async (trial) => {
        const before = trial.descriptors(trial.shared)
        for (let i = 0; i < MANY; i++) {
          const peer = await trial.connect()
          await peer.say('soon away')
          peer.reset()
        }
        const most = before + SPARE
        await trial.eventually(
          async () => trial.descriptors(trial.shared) <= most,
          `no more descriptors than before, or ${SPARE} more at most`,
          `more than that after ${MANY} clients that have left`,
        )
      },
    },
    {
      promise: 4,
      points: 3,
      name: 'a client that resets after its FIN, with replies unread, ends nobody else',
      run: async (trial) => {
        const other = await trial.connect()
        await other.say('hello')
        const peer = await trial.connect()
        // More than the kernel holds: the server still owes replies when it has met the FIN.
        await peer.send(lines(32 * MiB))
        peer.end()
        await trial.settled(trial.shared)
        peer.reset()
        await trial.settled(trial.shared)
        await other.say('still here')
        await trial.served(trial.shared)
      },
    },
  ],
  starter: {
    case: 'a client that resets its connection ends nobody else',
    says: 'on this connection',
  },
  wrong: {
    'listens-to-the-server': {
      case: 'a client that resets its connection ends nobody else',
      says: 'on this connection',
    },
    'tries-and-catches': {
      case: 'a client that resets its connection ends nobody else',
      says: 'on this connection',
    },
    'catches-everything': {
      case: 'those that reset leave no descriptor behind',
      says: 'after 50 clients',
    },
    'ignores-the-error': {
      case: 'those that reset leave no descriptor behind',
      says: 'after 50 clients',
    },
    'closes-twice': {
      case: 'a client that resets after its FIN, with replies unread, ends nobody else',
      says: 'on this connection',
    },
  },
}
