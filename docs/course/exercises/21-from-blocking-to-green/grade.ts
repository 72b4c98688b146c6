import { lines, MiB, UNTERMINATED } from '../../../../clients/check/samples.ts'
import type { ServerGrading } from '../../../build/course/exercise.ts'

const LAST_LINE = 'an unterminated last line'
/** Far more than all buffers of the kernel between a client and its server hold. */
const MUCH = 64 * MiB
/** Bytes by which the server may grow for one client. */
const BOUND = 16 * MiB
const TURNS = 20

export const grading: ServerGrading = {
  file: 'server.ts',
  protocol: 'raw',
  cases: [
    {
      promise: 2,
      points: 1,
      name: 'a line comes back',
      run: async (trial) => {
        const peer = await trial.connect()
        await peer.say('hello')
      },
    },
    {
      promise: 2,
      points: 2,
      name: `${LAST_LINE}, and the FIN`,
      run: async (trial) => {
        const sent = UNTERMINATED[LAST_LINE]!
        const peer = await trial.connect()
        await peer.send(sent)
        peer.end()
        await peer.receiveAll(sent)
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'two clients are served at the same time',
      run: async (trial) => {
        const first = await trial.connect()
        await first.say('first')
        const second = await trial.connect()
        await second.say('second')
        await first.say('first again')
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'each of them has the beginning of a line of its own',
      run: async (trial) => {
        const first = await trial.connect()
        // What comes back shows that the server has read the half line behind it, too.
        await first.send('one\nmi')
        await first.receive(Buffer.from('one\n'))
        const second = await trial.connect()
        await second.send('two\nyo')
        await second.receive(Buffer.from('two\n'))
        await first.send('ne\n')
        await first.receive(Buffer.from('mine\n'))
        await second.send('urs\n')
        await second.receive(Buffer.from('yours\n'))
      },
    },
    {
      promise: 3,
      points: 3,
      name: 'a client that does not read holds up nobody, and loses nothing',
      needs: ['process'],
      run: async (trial) => {
        // A heap grows with the first traffic: what counts is the cost of the slow client.
        const some = lines(8 * MiB)
        const other = await trial.connect()
        await Promise.all([other.receive(some), other.send(some)])
        const before = trial.memory(trial.shared)
        const slow = await trial.connect()
        const sent = lines(MUCH)
        const sending = slow.send(sent).catch(() => {})
        slow.end()
        await trial.settled(trial.shared)
        for (let turn = 0; turn < TURNS; turn++) await other.say(`turn ${turn}`)
        const growth = trial.memory(trial.shared) - before
        trial.note(`client 2 has read nothing, and the server has grown by ${inMiB(growth)}`)
        trial.check(growth < BOUND, `less than ${inMiB(BOUND)} more memory`, inMiB(growth))
        await slow.receiveAll(sent)
        await sending
      },
    },
    {
      promise: 4,
      points: 2,
      name: 'a client that resets its connection harms nobody',
      run: async (trial) => {
        const bystander = await trial.connect()
        await bystander.say('here')
        const peer = await trial.connect()
        await peer.say('soon away')
        peer.reset()
        await trial.settled(trial.shared)
        await bystander.say('still here')
        const late = await trial.connect()
        await late.say('late')
      },
    },
  ],
  starter: {
    case: 'two clients are served at the same time',
    says: 'nothing for 3 s',
  },
  wrong: {
    'leaves-it-open': {
      case: `${LAST_LINE}, and the FIN`,
      says: 'nothing for 3 s, 17 bytes before',
    },
    'forgets-the-last-yield': {
      case: `${LAST_LINE}, and the FIN`,
      says: 'the FIN after 13 bytes',
    },
    'one-at-a-time': {
      case: 'two clients are served at the same time',
      says: 'nothing for 3 s',
    },
    'shares-the-rest': {
      case: 'each of them has the beginning of a line of its own',
      says: 'a wrong byte',
    },
    'sends-without-waiting': {
      case: 'a client that does not read holds up nobody, and loses nothing',
      says: 'expected less than 16.0 MiB more memory',
    },
    'goes-on-after-an-error': {
      case: 'a client that resets its connection harms nobody',
      says: 'nothing for 3 s',
    },
  },
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`
}
