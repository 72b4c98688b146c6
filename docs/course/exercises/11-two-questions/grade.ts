import { cut, lines, MiB } from '../../../../clients/check/samples.ts'
import type { Trial } from '../../../../clients/check/trial.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

/** Far more than all buffers of the kernel between a client and its server hold. */
const MUCH = 64 * MiB
/** Bytes by which the server may grow for one client. */
const BOUND = 16 * MiB

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 3,
      points: 1,
      name: 'a line comes back',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'a client that says nothing costs no CPU time',
      needs: ['process'],
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
        await sleeps(trial)
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'what the kernel does not take is sent later, in its order',
      faults: 'send=2,recv=12,eagain=0.5,seed=7',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('one two three four five six seven')
        const text = Buffer.from('abcdefghijklmnopqrstuvwxyz0123456789\n'.repeat(20))
        await Promise.all([peer.receive(text), peer.sendPieces(cut(text, 12))])
      },
    },
    {
      promise: 3,
      points: 1,
      name: 'when all has been sent, the loop sleeps again',
      needs: ['process'],
      faults: 'send=2,recv=12,eagain=0.5,seed=7',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('one two three four five six seven')
        await sleeps(trial)
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'a client that does not read costs little memory, and loses nothing',
      needs: ['process'],
      run: async (trial) => {
        // A heap grows with the first traffic: what is asked is what the second client costs.
        const some = lines(8 * MiB)
        const first = await trial.connect()
        await Promise.all([first.receive(some), first.send(some)])
        const before = trial.memory(trial.shared)
        const peer = await trial.connect()
        const sent = lines(MUCH)
        const sending = peer.send(sent).catch(() => {})
        await trial.settled(trial.shared)
        const growth = trial.memory(trial.shared) - before
        trial.note(`it has read nothing, and the server has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
        await peer.receive(sent)
        await sending
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'while a client does not read, the loop sleeps',
      needs: ['process'],
      run: async (trial) => {
        const peer = await trial.connect()
        peer.send(lines(MUCH)).catch(() => {})
        await trial.settled(trial.shared)
        await sleeps(trial)
      },
    },
  ],
  starter: {
    case: 'a client that says nothing costs no CPU time',
    says: 'it spins',
  },
  wrong: {
    'never-writable': {
      case: 'what the kernel does not take is sent later, in its order',
      says: 'nothing for 3 s',
    },
    overtakes: {
      case: 'what the kernel does not take is sent later, in its order',
      says: 'a wrong byte',
    },
    'a-flag-that-stays': {
      case: 'when all has been sent, the loop sleeps again',
      says: 'it spins',
    },
    'no-back-pressure': {
      case: 'a client that does not read costs little memory, and loses nothing',
      says: 'less than 16.0 MiB more memory',
    },
    'returns-early': {
      case: 'while a client does not read, the loop sleeps',
      says: 'it spins',
    },
  },
}

async function sleeps(trial: Trial): Promise<void> {
  const used = await trial.cpuOfSilence(trial.shared)
  trial.note(`half a second passes, and the server uses ${Math.round(used * 1000)} ms of it`)
  trial.check(used < 0.1, 'a server that sleeps', 'a loop that never sleeps: it spins')
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}
