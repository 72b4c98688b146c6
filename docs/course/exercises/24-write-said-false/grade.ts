import { lines, MiB } from '../../../../clients/check/samples.ts'
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
      name: 'all comes back, though the kernel takes replies in small pieces',
      faults: 'send=4096',
      run: async (trial) => {
        const peer = await trial.connect()
        const sent = lines(4 * MiB)
        await Promise.all([peer.receive(sent), peer.send(sent).catch(() => {})])
      },
    },
    {
      promise: 3,
      points: 3,
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
      name: 'others are answered beside a client that does not read',
      run: async (trial) => {
        await deafClient(trial)
        const other = await trial.connect()
        for (let turn = 0; turn < 10; turn++) await other.say(`turn ${turn}`)
      },
    },
    {
      promise: 3,
      points: 2,
      name: 'a client that sends its FIN before it reads loses nothing',
      run: async (trial) => {
        const peer = await trial.connect()
        const sent = lines(16 * MiB)
        const sending = peer.send(sent).catch(() => {})
        peer.end()
        await trial.settled(trial.shared)
        await peer.receiveAll(sent)
        await sending
      },
    },
  ],
  starter: {
    case: 'a client that does not read costs little memory, and loses nothing',
    says: 'less than 16.0 MiB more memory',
  },
  wrong: {
    'never-resumes': {
      case: 'all comes back, though the kernel takes replies in small pieces',
      says: 'nothing for 3 s',
    },
    'writes-it-again': {
      case: 'all comes back, though the kernel takes replies in small pieces',
      says: 'a wrong byte',
    },
    'ends-the-slow': {
      case: 'all comes back, though the kernel takes replies in small pieces',
      says: 'on this connection',
    },
    'a-queue-of-its-own': {
      case: 'a client that does not read costs little memory, and loses nothing',
      says: 'less than 16.0 MiB more memory',
    },
  },
}

/** Sends more than is taken, reads nothing, and waits until nothing moves any more. */
async function deafClient(trial: Trial): Promise<void> {
  const peer = await trial.connect()
  peer.send(lines(MUCH)).catch(() => {})
  await trial.settled(trial.shared)
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}
