import { lines, MiB } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** A client that reads nothing until it has sent all: more than two sockets hold. */
const MUCH = lines(16 * MiB)

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 1,
      points: 1,
      name: 'a line comes back',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'a line comes back though each send takes three bytes',
      faults: 'send=3',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('one two three four five six seven')
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'no byte is lost or sent twice though the kernel often takes nothing',
      faults: 'send=2,eagain=0.5,seed=7',
      run: async (trial) => {
        const peer = await trial.connect()
        for (let i = 0; i < 20; i++) await peer.say(`line ${i} of twenty`)
      },
    },
    {
      promise: 1,
      points: 2,
      name: 'what comes later waits behind what is owed',
      // Reads of twelve bytes: so much is read while something is owed, however it arrives.
      faults: 'send=2,recv=12,eagain=0.5,seed=7',
      run: async (trial) => {
        const peer = await trial.connect()
        const text = Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789\n'.repeat(20))
        await Promise.all([peer.receive(text), peer.send(text)])
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'others are answered while one client does not read',
      run: async (trial) => {
        const slow = await trial.connect()
        const sending = slow.send(MUCH).catch(() => {})
        await trial.settled(trial.shared)
        const other = await trial.connect()
        for (let i = 0; i < 10; i++) await other.say(`turn ${i}`)
        await slow.receive(MUCH)
        await sending
      },
    },
    {
      promise: 3,
      points: 1,
      name: 'a client to which nothing is owed costs no CPU time',
      needs: ['process'],
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        const used = await trial.cpuOfSilence(trial.shared)
        trial.note(`half a second passes, and the server uses ${Math.round(used * 1000)} ms of it`)
        trial.check(used < 0.1, 'a server that sleeps', 'a loop that never sleeps: it spins')
      },
    },
  ],
  starter: {
    case: 'a line comes back though each send takes three bytes',
    says: 'expected 34 bytes',
  },
  wrong: {
    'never-disarms': {
      case: 'a client to which nothing is owed costs no CPU time',
      says: 'it spins',
    },
    'counts-would-block': {
      case: 'no byte is lost or sent twice though the kernel often takes nothing',
      says: 'expected',
    },
    'sends-again': {
      case: 'a line comes back though each send takes three bytes',
      says: 'expected',
    },
    overtakes: {
      case: 'what comes later waits behind what is owed',
      says: 'expected',
    },
    'spins-until-sent': {
      case: 'others are answered while one client does not read',
      says: 'nothing for 3 s',
    },
  },
}
